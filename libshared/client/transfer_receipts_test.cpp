// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/transfer_receipts.h"

#include <doctest/doctest.h>

#include <map>

#include "net/event_loop.h"

namespace inxt::client {
namespace {

using net::Awaitable;

/// Takes receipts, as slowly as it is told; nothing else.
class ReceiptHosts final : public transfer::PieceService {
 public:
  int delay_ms = 0;
  bool refuses = false;
  int at_once = 0, at_once_max = 0;
  std::map<HostId, std::vector<std::pair<PieceId, std::uint64_t>>> got;

  Awaitable<Result<void>> acknowledge(const transfer::HostAddress& host, const PieceId& piece,
                                      std::uint64_t bytes) override {
    struct Now {
      int& count;
      explicit Now(int& counted) : count(counted) { ++count; }
      ~Now() { --count; }
    };
    const Now now(at_once_of_[host.id]);
    at_once_max = std::max(at_once_max, at_once_of_[host.id]);
    const transfer::HostAddress to = host;
    const PieceId which = piece;
    co_await net::sleep_for(std::chrono::milliseconds(delay_ms));
    got[to.id].emplace_back(which, bytes);
    if (refuses) co_return fail(Code::not_found, "no such path");
    co_return Result<void>{};
  }

  Awaitable<Result<transfer::StoredPiece>> put(const transfer::HostAddress&, std::string_view,
                                               ByteView) override {
    co_return fail(Code::usage, "no");
  }
  Awaitable<Result<void>> get(const transfer::HostAddress&, const PieceId&, std::uint64_t,
                              ByteSpan) override {
    co_return fail(Code::usage, "no");
  }
  Awaitable<Result<transfer::HeldPiece>> contract(const transfer::HostAddress&, const PieceId&) override {
    co_return fail(Code::usage, "no");
  }
  Awaitable<Result<std::vector<transfer::HeldPiece>>> list(const transfer::HostAddress&,
                                                           const std::optional<PieceId>&,
                                                           std::uint32_t) override {
    co_return fail(Code::usage, "no");
  }
  Awaitable<Result<void>> remove(const transfer::HostAddress&, const PieceId&, std::string_view) override {
    co_return fail(Code::usage, "no");
  }
  Awaitable<Result<std::optional<transfer::HeldRenewal>>> renew(const transfer::HostAddress&, const PieceId&,
                                                                std::string_view) override {
    co_return fail(Code::usage, "no");
  }
  Awaitable<Result<std::string>> audit(const transfer::HostAddress&, std::string_view) override {
    co_return fail(Code::usage, "no");
  }

 private:
  std::map<HostId, int> at_once_of_;
};

template <class Id>
Id number(unsigned value) {
  Id id;
  id.bytes[0] = static_cast<std::byte>(value);
  id.bytes[1] = static_cast<std::byte>(value >> 8);
  return id;
}

struct TransferReceiptsWorld {
  ReceiptHosts hosts;
  net::EventLoop loop;
  net::WorkerPool workers;
  sys::SystemClock clock;
  crypto::SystemRandom random;
  TransferReceipts receipts{Network{hosts, loop.executor(), workers, clock, random}};

  void add(unsigned host, unsigned piece) {
    const transfer::HostAddress address{.id = number<HostId>(host), .addresses = {"192.0.2.1:1"}};
    receipts.add(address, number<PieceId>(piece), 100 + piece);
  }
  void finish(std::chrono::milliseconds time) { loop.run(receipts.finish(time)); }
  std::size_t got() const {
    std::size_t count = 0;
    for (const auto& [host, pieces] : hosts.got) count += pieces.size();
    return count;
  }
};

TEST_CASE("each piece gets one receipt, one at a time to each Host") {
  TransferReceiptsWorld world;
  world.hosts.delay_ms = 1;
  for (unsigned round = 0; round < 2; ++round)
    for (unsigned piece = 0; piece < 30; ++piece) world.add(piece % 3, piece);
  CHECK_FALSE(world.receipts.empty());
  world.finish(std::chrono::seconds(20));
  CHECK(world.receipts.empty());
  CHECK(world.receipts.sent() == 30);
  CHECK(world.got() == 30);
  CHECK(world.hosts.at_once_max == 1);
  for (const auto& [host, pieces] : world.hosts.got)
    for (const auto& [piece, bytes] : pieces) CHECK(bytes == 100 + std::to_integer<unsigned>(piece.bytes[0]));
}

TEST_CASE("a Host that refuses gets no more, the others theirs") {
  TransferReceiptsWorld world;
  world.hosts.refuses = true;
  for (unsigned piece = 0; piece < 30; ++piece) world.add(piece % 3, piece);
  world.finish(std::chrono::seconds(20));
  CHECK(world.got() == 3);
  CHECK(world.receipts.sent() == 0);
  world.add(0, 100);
  CHECK(world.receipts.empty());
}

TEST_CASE("a Host that does not answer holds up nobody, and its queue is bounded") {
  TransferReceiptsWorld world;
  world.hosts.delay_ms = 3'600'000;
  for (unsigned piece = 0; piece < 3 * kReceiptsQueuedMax; ++piece) world.add(0, piece);
  const std::int64_t began_ms = world.clock.steady_ms();
  world.finish(std::chrono::milliseconds(50));
  CHECK(world.clock.steady_ms() - began_ms < 10'000);
  CHECK(world.receipts.empty());
  CHECK(world.got() <= 1);  // the one that was under way
}

TEST_CASE("without anything to send there is nothing to wait for") {
  TransferReceiptsWorld world;
  world.finish(std::chrono::hours(1));
  CHECK(world.receipts.empty());
}

}  // namespace
}  // namespace inxt::client
