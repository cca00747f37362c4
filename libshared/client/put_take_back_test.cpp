// SPDX-License-Identifier: LGPL-3.0-or-later
// What a put takes back from Hosts, and what it must leave there.
#include <doctest/doctest.h>

#include <map>

#include "client/data_batches.h"
#include "client/put.h"
#include "format/contract.h"
#include "net/event_loop.h"
#include "support/streams.h"

namespace inxt::client {
namespace {

/// One Host that keeps contracts as a Host does: by piece, with the control key of the offer that came first.
class OneHost final : public transfer::PieceService {
 public:
  int answers_lost = 0;  // so many PUTs are stored, and the answer does not arrive
  int deletions = 0;     // that were obeyed
  std::map<PieceId, std::string> offers;

  net::Awaitable<Result<transfer::StoredPiece>> put(const transfer::HostAddress&, std::string_view offer_token,
                                                    ByteView) override {
    const auto offer = format::open_offer(offer_token, std::nullopt);
    REQUIRE(offer.has_value());
    const auto kept = offers.try_emplace(offer->piece, offer_token).first;
    co_await net::sleep_for(std::chrono::milliseconds(1));
    if (answers_lost > 0) {
      --answers_lost;
      co_return fail(Code::try_again, "connection closed before an answer");
    }
    transfer::StoredPiece stored;
    stored.offer = kept->second;
    stored.address = "192.0.2.1:4242";
    co_return stored;
  }
  net::Awaitable<Result<void>> remove(const transfer::HostAddress&, const PieceId& piece,
                                      std::string_view deletion_token) override {
    const auto deletion = format::open_deletion(deletion_token, std::nullopt);
    REQUIRE(deletion.has_value());
    const auto kept = offers.find(piece);
    if (kept == offers.end()) co_return fail(Code::not_found, "not here");
    if (format::open_offer(kept->second, std::nullopt)->control != deletion->control)
      co_return fail(Code::denied, "another control key");
    offers.erase(kept);
    ++deletions;
    co_return Result<void>();
  }
  net::Awaitable<Result<void>> get(const transfer::HostAddress&, const PieceId&, std::uint64_t, ByteSpan) override {
    co_return fail(Code::denied, "a put gets nothing");
  }
  net::Awaitable<Result<transfer::HeldPiece>> contract(const transfer::HostAddress&, const PieceId&) override {
    co_return fail(Code::denied, "a put asks for no contract");
  }
  net::Awaitable<Result<std::vector<transfer::HeldPiece>>> list(const transfer::HostAddress&,
                                                                const std::optional<PieceId>&,
                                                                std::uint32_t) override {
    co_return fail(Code::denied, "a put lists nothing");
  }
  net::Awaitable<Result<std::optional<transfer::HeldRenewal>>> renew(const transfer::HostAddress&, const PieceId&,
                                                                     std::string_view) override {
    co_return fail(Code::denied, "a put renews nothing");
  }
  net::Awaitable<Result<std::string>> audit(const transfer::HostAddress&, std::string_view) override {
    co_return fail(Code::denied, "a put audits nothing");
  }
};

TEST_CASE("a Host whose first answer was lost keeps the piece that the manifest says it has") {
  crypto::start();
  crypto::SeededRandom random(1);
  const sys::SystemClock clock;
  const auto key = keys::Key::of_owner(keys::OwnerKeys::from_entropy(random.bytes<32>()));
  format::Layout layout{.k = 1, .m = 0, .mirrors = 1, .shard_bytes = 4096};
  random.fill(layout.seal_key);
  auto head = begin_manifest(key, {}, {}, {}, random);
  REQUIRE(head.has_value());
  const auto source =
      DataBatches::make(*std::move(head), layout, std::make_unique<test::MemorySource>(test::random_bytes(1000)));
  REQUIRE(source.has_value());

  format::Descriptor descriptor;
  descriptor.host.bytes = crypto::SigningKey::from_seed(random.bytes<32>()).public_key();
  descriptor.addresses = {"192.0.2.1:4242"};
  descriptor.free_bytes = 1 << 30;
  descriptor.term_seconds_max = 86400;

  OneHost host;
  host.answers_lost = 1;
  net::EventLoop loop;
  net::WorkerPool workers;
  const Network network{host, loop.executor(), workers, clock, random};
  std::string manifest;
  PutCallbacks callbacks;
  callbacks.write = [&](std::string_view lines) -> Result<void> {
    manifest += lines;
    return {};
  };
  const auto report = loop.run(put(network, key, {descriptor}, **source, {}, std::move(callbacks)));
  REQUIRE(report.has_value());
  CHECK(report->placed == 1);
  CHECK(manifest.find(R"("type":"place")") != std::string::npos);
  CHECK(host.deletions == 0);
  CHECK(host.offers.size() == 1);
}

}  // namespace
}  // namespace inxt::client
