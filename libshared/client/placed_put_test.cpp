// SPDX-License-Identifier: LGPL-3.0-or-later
// A put whose Hosts a Bridge chose: what goes where, what is announced and vouched for, and what is left when
// a quota or a Host ends it.
#include <doctest/doctest.h>

#include <map>
#include <numeric>
#include <set>

#include "client/data_batches.h"
#include "client/placed_hosts.h"
#include "client/put.h"
#include "net/event_loop.h"
#include "store/stored_piece.h"
#include "support/storing_hosts.h"
#include "support/streams.h"

namespace inxt::client {
namespace {

using testing::StoringHost;
using testing::StoringHosts;

constexpr std::uint32_t kShardBytes = 64 * 1024;

/// Places on the Hosts of one piece service, group after group, and reserves as a Bridge does.
class SmallBridge final : public transfer::BridgeAccounts {
 public:
  SmallBridge(StoringHosts& hosts, std::size_t groups, std::size_t stand_ins)
      : hosts_(hosts), groups_(groups), stand_ins_(stand_ins) {}

  const crypto::PublicKey& bridge() const override { return key_; }

  net::Awaitable<Result<format::PlacementGiven>> place(const format::PlacementWish& wish) override {
    wishes.push_back(wish);
    const auto layout = wish.layout.value_or(
        format::Layout{.k = 2, .m = 1, .mirrors = 1, .shard_bytes = kShardBytes, .seal_key = {}});
    const auto reserved = layout.segments(wish.bytes) * layout.pieces_per_segment();
    if (!placed_.contains(wish.id)) {
      if (pieces_left < reserved) co_return fail(Code::quota, "over quota");
      pieces_left -= reserved;
      placed_.insert(wish.id);
    }
    format::PlacementGiven given;
    given.id = wish.id;
    given.layout = layout;
    given.layout.seal_key = {};
    std::size_t next = 0;
    for (std::size_t g = 0; g < groups_; ++g) {
      format::PlacementGroup group;
      for (std::size_t i = 0; i < layout.pieces_per_segment(); ++i)
        group.primary.push_back(hosts_[next++].id());
      for (std::size_t i = 0; i < stand_ins_; ++i) group.secondary.push_back(hosts_[next++].id());
      given.groups.push_back(std::move(group));
    }
    for (const auto& host : hosts_.all()) {
      if (host->id() == hidden) continue;
      format::Descriptor descriptor;
      descriptor.host = host->id();
      descriptor.addresses = {"192.0.2.1:1"};
      descriptor.capacity_bytes = descriptor.free_bytes = std::uint64_t{1} << 40;
      descriptor.term_seconds_max = 400 * 86400;
      auto line = format::hosts_line(descriptor, *format::sign_descriptor(descriptor, host->key));
      line.pop_back();
      given.hosts.push_back(std::move(line));
    }
    co_return given;
  }
  net::Awaitable<Result<format::VouchersGiven>> vouchers_again(
      const std::vector<format::VoucherWish>&) override {
    co_return fail(Code::not_found, "a small Bridge renews nothing");
  }
  net::Awaitable<Result<format::VouchersGiven>> vouchers(
      const format::PlacementId& placement, const std::vector<format::VoucherWish>& asked) override {
    ++voucher_requests;
    if (!placed_.contains(placement)) co_return fail(Code::not_found, "no such placement");
    co_await net::sleep_for(std::chrono::milliseconds(1));
    format::VouchersGiven out;
    for (const auto& wish : asked) {
      vouched[wish.host] = wish.bytes.value_or(UINT64_MAX);
      out.vouchers.push_back({.host = wish.host, .token = "voucher"});
    }
    out.expires_unix_s = clock.unix_s() + 3600;
    co_return out;
  }
  net::Awaitable<Result<void>> end(const format::PlacementId& placement) override {
    ended += placed_.erase(placement);
    co_return Result<void>{};
  }
  net::Awaitable<Result<format::BridgeAccount>> account() override {
    co_return fail(Code::denied, "not asked here");
  }
  net::Awaitable<Result<void>> revoke(const format::PermitId&) override {
    co_return fail(Code::denied, "not asked here");
  }

  sys::SystemClock clock;
  std::uint64_t pieces_left = UINT64_MAX;
  std::optional<HostId> hidden;  // its line is left out
  std::vector<format::PlacementWish> wishes;
  std::map<HostId, std::uint64_t> vouched;
  int voucher_requests = 0;
  std::size_t ended = 0;

 private:
  crypto::PublicKey key_{};
  StoringHosts& hosts_;
  std::size_t groups_, stand_ins_;
  std::set<format::PlacementId> placed_;
};

struct PlacedPutWorld {
  PlacedPutWorld(std::size_t groups, std::size_t stand_ins, unsigned count)
      : hosts(key.uploader()), bridge(hosts, groups, stand_ins) {
    for (unsigned number = 1; number <= count; ++number) hosts.add(number);
  }

  Result<PutReport> put(std::size_t bytes, std::optional<std::uint64_t> announced) {
    PlacementWanted wanted;
    wanted.ciphertext_bytes = announced;
    wanted.allow.same_network = true;  // they all have one address
    placed = std::make_unique<PlacedHosts>(bridge, loop.executor(), key.uploader(), clock, wanted);
    auto head = begin_manifest(key, {}, {}, {}, random);
    REQUIRE(head.has_value());
    const auto file = head->writer.chain().header->file;
    auto layout = loop.run(placed->begin(file, std::nullopt));
    if (!layout) return std::unexpected(layout.error());
    random.fill(layout->seal_key);
    auto source = DataBatches::make(*std::move(head), *layout,
                                    std::make_unique<test::MemorySource>(test::random_bytes(bytes)));
    REQUIRE(source.has_value());
    PutCallbacks callbacks;
    callbacks.write = [this](std::string_view lines) -> Result<void> {
      manifest += lines;
      return {};
    };
    callbacks.segment_hosts = placed.get();
    const Network network{hosts, loop.executor(), workers, clock, random};
    return loop.run(client::put(network, key, {}, **source, {}, std::move(callbacks)));
  }
  /// What a Host's files take.
  std::uint64_t stored_at(const StoringHost& host) const {
    std::uint64_t sum = 0;
    for (const auto& [id, held] : host.pieces) sum += store::file_bytes(held.bytes.size());
    return sum;
  }

  crypto::SeededRandom random{5};
  sys::SystemClock clock;
  keys::Key key = keys::Key::of_owner(keys::OwnerKeys::from_entropy(ByteArray<32>{}));
  StoringHosts hosts;
  SmallBridge bridge;
  net::EventLoop loop;
  net::WorkerPool workers;
  std::unique_ptr<PlacedHosts> placed;
  std::string manifest;
};

constexpr std::size_t kSegment = 2 * kShardBytes;

TEST_CASE("each piece goes to its own Host, segment by segment from group to group") {
  PlacedPutWorld world(2, 1, 8);
  const auto report = world.put(5 * kSegment, 5 * kSegment);
  REQUIRE(report.has_value());
  CHECK(report->placed == 15);
  CHECK(report->segments_below == 0);
  for (const std::size_t i : {0, 1, 2}) CHECK(world.hosts[i].pieces.size() == 3);  // segments 0, 2, 4
  CHECK(world.hosts[3].pieces.empty());                                            // stands in
  for (const std::size_t i : {4, 5, 6}) CHECK(world.hosts[i].pieces.size() == 2);  // segments 1, 3
  CHECK(world.hosts[7].pieces.empty());
  // The whole share of all was asked for at once, and nothing for those that only stand in.
  CHECK(world.bridge.voucher_requests == 1);
  CHECK(world.bridge.vouched.size() == 6);
  CHECK(world.placed->voucher_for(world.hosts[0].id()) == "voucher");
  CHECK_FALSE(world.placed->voucher_for(world.hosts[3].id()).has_value());
  CHECK(world.bridge.wishes.size() == 1);
  CHECK_FALSE(world.bridge.wishes[0].is_open_ended);
  world.loop.run(world.placed->end());
  CHECK(world.bridge.ended == 1);
}

TEST_CASE("a Host that fails is stood in for, and a whole group by its secondary one") {
  PlacedPutWorld world(1, 3, 6);
  for (std::size_t lost = 1; lost <= 3; ++lost) {
    CAPTURE(lost);
    for (auto& host : world.hosts.all()) host->pieces.clear();
    for (std::size_t i = 0; i < lost; ++i) world.hosts[i].mood = StoringHost::Mood::refuses;
    const auto report = world.put(3 * kSegment, 3 * kSegment);
    REQUIRE(report.has_value());
    CHECK(report->segments_below == 0);
    CHECK(world.hosts.pieces() == 9);
    for (std::size_t i = 0; i < lost; ++i) CHECK(world.hosts[i].pieces.empty());
    for (const auto& host : world.hosts.all())
      CHECK(world.stored_at(*host) <= world.bridge.vouched[host->id()]);
  }
  // Nobody is left for the fourth.
  world.hosts[3].mood = StoringHost::Mood::refuses;
  const auto below = world.put(kSegment, kSegment);
  REQUIRE(below.has_value());
  CHECK(below->segments_below == 1);
}

TEST_CASE("what has no known size is announced and vouched for in steps") {
  PlacedPutWorld world(1, 1, 4);
  const auto report = world.put(200 * kSegment, std::nullopt);
  REQUIRE(report.has_value());
  CHECK(world.bridge.wishes.size() == 1);
  CHECK(world.bridge.wishes[0].bytes == kAnnouncedStepBytes);
  CHECK(world.bridge.wishes[0].is_open_ended);
  CHECK(world.bridge.voucher_requests < 40);
  for (const std::size_t i : {0, 1, 2}) {
    const auto stored = world.stored_at(world.hosts[i]);
    CHECK(world.bridge.vouched[world.hosts[i].id()] >= stored);
    CHECK(world.bridge.vouched[world.hosts[i].id()] <=
          2 * stored);  // little is charged for that is not stored
  }
}

TEST_CASE("a file that turns out longer than it was announced is announced on") {
  PlacedPutWorld world(1, 1, 4);
  const auto report = world.put(10 * kSegment, 4 * kSegment);
  REQUIRE(report.has_value());
  CHECK(report->placed == 30);
  REQUIRE(world.bridge.wishes.size() == 2);
  CHECK(world.bridge.wishes[1].is_open_ended);
  CHECK(world.bridge.wishes[0].id != world.bridge.wishes[1].id);
}

TEST_CASE("over quota nothing is sent; in the middle of a stream all of it is taken back") {
  PlacedPutWorld world(1, 1, 4);
  world.bridge.pieces_left = 3 * 128 + 10;  // one step of 1 MiB, and not another
  SUBCASE("a file") {
    const auto report = world.put(1000 * kSegment, 1000 * kSegment);
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().code == Code::quota);
    CHECK(world.manifest.empty());
  }
  SUBCASE("a stream") {
    const auto report = world.put(400 * kSegment, std::nullopt);
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().code == Code::quota);
    CHECK(report.error().what.find("taken back") != std::string::npos);
    CHECK(world.manifest.find(R"("type":"seal")") == std::string::npos);
    unsigned removed = 0;
    for (const auto& host : world.hosts.all()) removed += host->removed;
    CHECK(removed > 100);
  }
  CHECK(world.hosts.pieces() == 0);
}

TEST_CASE("the same file is placed under the same names") {
  PlacedPutWorld world(1, 1, 4);
  PlacementWanted wanted;
  wanted.ciphertext_bytes = kSegment;
  wanted.allow.same_network = true;
  FileId file{}, other{};
  other.bytes[0] = std::byte{1};
  for (const auto& id : {file, file, other}) {
    PlacedHosts placed(world.bridge, world.loop.executor(), world.key.uploader(), world.clock, wanted);
    REQUIRE(world.loop.run(placed.begin(id, std::nullopt)).has_value());
  }
  CHECK(world.bridge.wishes[0].id == world.bridge.wishes[1].id);
  CHECK(world.bridge.wishes[0].id != world.bridge.wishes[2].id);
}

TEST_CASE("a Bridge that names a Host and not where it is is refused") {
  PlacedPutWorld world(1, 1, 4);
  world.bridge.hidden = world.hosts[1].id();
  const auto report = world.put(kSegment, kSegment);
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Code::integrity);
  CHECK(world.hosts.pieces() == 0);
}

}  // namespace
}  // namespace inxt::client
