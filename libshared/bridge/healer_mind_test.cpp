// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/healer_mind.h"

#include <map>
#include <set>

#include "bridge/candidate_pool.h"
#include "bridge/healer_handover.h"
#include "crypto/random.h"
#include "net/event_loop.h"
#include "support/bridge_hosts.h"

namespace inxt::bridge {
namespace {

using namespace inxt::testing;
using database::Transaction;

constexpr std::int64_t kHour = 3600;

/// Hosts 1 to `hosts` in a database, as the table gives them to the mind.
struct MindWorld {
  explicit MindWorld(int count, const std::map<int, std::uint64_t>& prices = {}) : hosts(count) {
    for (int number = 1; number <= hosts; ++number) {
      auto given = registration_of(number, kHostsNow, {}, "8.8." + std::to_string(number) + ".8:4242");
      if (const auto asked = prices.find(number); asked != prices.end()) {
        given.descriptor.price = asked->second;
        given.token = *format::sign_descriptor(given.descriptor, host_key(number));
        given.descriptor = *format::open_descriptor(given.token);
      }
      REQUIRE(rows.enlist(given, "8.8." + std::to_string(number) + ".0/24"));
      CHECK(mind.take_care_host(
          {.key = static_cast<CareHostKey>(number), .host = host_id(number), .address = {}}));
      measure(number, true, kHostsNow);
    }
  }
  void measure(int number, bool is_reachable, std::int64_t now) {
    const auto done = rows.database().write([&](Transaction& t) -> Result<void> {
      TRY(
          t.execute("UPDATE host_measures SET changed = $2, reachable = $3, was_reached = 1, probed = $2, "
                    "answered = CASE WHEN $3 = 1 THEN $2 ELSE answered END WHERE host = $1",
                    {host_id(number), now, is_reachable ? 1 : 0}));
      return {};
    });
    REQUIRE(done);
  }
  void learn(std::int64_t now, std::int64_t watched_since = 0, HostSuccessors successors = {}) {
    net::EventLoop loop;
    net::WorkerPool workers;
    sys::ManualClock clock(now);
    HostTable table(rows.database(), workers, clock);
    std::shared_ptr<const HostSnapshot> snapshot;
    const auto read = [&]() -> net::Awaitable<void> {
      auto found = co_await table.snapshot();
      if (found) snapshot = *std::move(found);
    };
    loop.run(read());
    REQUIRE(snapshot);
    CandidatePool candidates({}, 60);
    REQUIRE(candidates.update(snapshot, {}, now, 0));
    REQUIRE(mind.take_hosts(*snapshot, candidates.pool(), std::move(successors), watched_since, now));
  }
  static CareRow row_of(CareSegmentKey key, std::vector<int> at) {
    CareRow row;
    row.key = key;
    row.file = 1;
    row.layout = {.k = 2, .m = 1, .mirrors = 1};
    row.piece_bytes = 1 << 20;
    for (std::size_t place = 0; place < at.size(); ++place)
      row.places.push_back({.host = static_cast<CareHostKey>(at[place]),
                            .place = static_cast<std::uint16_t>(place),
                            .is_lost = false,
                            .is_proved = true,
                            .is_ours = false});
    return row;
  }
  template <class Order>
  std::vector<Order> orders(std::int64_t now) {
    std::vector<Order> found;
    while (const auto order = mind.plan().next(now))
      if (const auto* each = std::get_if<Order>(&*order)) found.push_back(*each);
    return found;
  }
  HostId holder(CareSegmentKey key, std::uint32_t place) {
    return mind.host_id(mind.plan().segments().pieces(*mind.find_segment(key))[place].host);
  }

  int hosts;
  HostsWorld<SqliteWorld> rows;
  HealerMind mind{plan::RepairLimits{}};
};

TEST_CASE("a repair pays what most live pieces' Hosts ask, or what the operator allows, and no more") {
  MindWorld world(9, {{2, 3}, {3, 5}, {4, 1'000'000}, {5, 4}, {9, UINT64_MAX >> 12}});
  world.learn(kHostsNow);
  const auto host = [&](int number) { return *world.mind.find_host(static_cast<CareHostKey>(number)); };
  const auto price_of = [&](std::vector<int> at, std::uint64_t least) {
    static CareSegmentKey key = 100;
    REQUIRE(world.mind.take_segment(MindWorld::row_of(++key, std::move(at)), kHostsNow));
    return world.mind.price_max(*world.mind.find_segment(key), least);
  };
  CHECK(price_of({1, 6, 7}, 0) == 0);
  CHECK(price_of({1, 6, 7}, 8) == 8);
  CHECK(price_of({2, 3, 5}, 0) == 4);
  CHECK(price_of({2, 3, 4}, 0) == 5);  // one that asks for a million makes nobody pay it
  CHECK(price_of({1, 6, 9}, 0) == 0);
  CHECK(price_of({9, 9, 9}, 2) == UINT64_MAX >> 12);  // the owner lets it have all
  // Those that are lost do not count.
  REQUIRE(world.mind.take_segment(MindWorld::row_of(20, {3, 4, 9}), kHostsNow));
  const auto segment = *world.mind.find_segment(CareSegmentKey{20});
  CHECK(world.mind.price_max(segment, 0) == 1'000'000);
  world.mind.plan().piece_lost(segment, 1, host(4), kHostsNow);
  CHECK(world.mind.price_max(segment, 0) == 5);
  world.mind.plan().piece_lost(segment, 0, host(3), kHostsNow);
  world.mind.plan().piece_lost(segment, 2, host(9), kHostsNow);
  CHECK(world.mind.price_max(segment, 7) == 7);

  CHECK(world.mind.dearer_than(0).size() == 5);
  CHECK(world.mind.dearer_than(4) == std::vector{host(9), host(4), host(3)});
  CHECK(world.mind.dearer_than(UINT64_MAX).empty());
}

TEST_CASE("a Host that retires is released for the one that the plan counts on, and for no other") {
  MindWorld world(6);
  world.learn(kHostsNow);
  const auto host = [&](int number) { return *world.mind.find_host(static_cast<CareHostKey>(number)); };
  // Of place 0: Host 1 retires, 4 and 5 have proved it one after the other.
  CareRow row = MindWorld::row_of(10, {1, 2, 3});
  const auto add = [&](int at, bool is_proved) {
    row.places.push_back({.host = static_cast<CareHostKey>(at),
                          .place = 0,
                          .is_lost = false,
                          .is_proved = is_proved,
                          .is_ours = true});
  };
  add(4, true);
  add(5, true);
  REQUIRE(world.mind.take_segment(row, kHostsNow));
  const auto segment = *world.mind.find_segment(CareSegmentKey{10});
  const auto found = [&](int leaves) {
    return find_handover(world.mind, {.segment = segment, .place = 0, .host = host(leaves)}, row.places);
  };
  CHECK(world.holder(10, 0) == host_id(5));
  REQUIRE(found(1));
  CHECK(found(1)->former == 0);
  CHECK(found(1)->successor == 4);
  CHECK_FALSE(found(5));  // the piece that counts is not let go
  CHECK_FALSE(found(6));  // it has none
  CHECK_FALSE(find_handover(world.mind, {.segment = 99, .place = 0, .host = host(1)}, row.places));

  // The plan comes to count on another: one that has proved it earlier does not stand in.
  world.mind.plan().piece_lost(segment, 0, host(5), kHostsNow);
  REQUIRE(found(1));
  CHECK_FALSE(found(1)->successor);
  REQUIRE(world.mind.take_segment(row, kHostsNow));
  row.places.back().is_lost = true;
  REQUIRE(world.mind.take_segment(row, kHostsNow));
  CHECK(world.holder(10, 0) == host_id(4));
  const auto again = *world.mind.find_segment(CareSegmentKey{10});
  CHECK(find_handover(world.mind, {.segment = again, .place = 0, .host = host(1)}, row.places)->successor ==
        3);
  row.places[3].is_proved = false;
  CHECK_FALSE(
      find_handover(world.mind, {.segment = again, .place = 0, .host = host(1)}, row.places)->successor);
  row.places[3].is_proved = true;
  world.measure(4, false, kHostsNow + 60);
  world.learn(kHostsNow + 60, kHostsNow);
  CHECK_FALSE(
      find_handover(world.mind, {.segment = again, .place = 0, .host = host(1)}, row.places)->successor);
}

TEST_CASE("a Host that answers probes and no audit is missing after the grace, until it answers one") {
  MindWorld world(6);
  world.learn(kHostsNow);
  REQUIRE(world.mind.take_segment(MindWorld::row_of(10, {1, 2, 3}), kHostsNow));
  const auto evader = *world.mind.find_host(CareHostKey{2});
  world.mind.unanswered(evader, kHostsNow + kHour);
  for (int hour = 4; hour < 13; ++hour) {
    world.learn(kHostsNow + hour * kHour, kHostsNow);
    CHECK(world.orders<plan::Rebuild>(kHostsNow + hour * kHour).empty());
  }
  world.learn(kHostsNow + 13 * kHour, kHostsNow);
  const auto orders = world.orders<plan::Rebuild>(kHostsNow + 13 * kHour);
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].missing == std::vector<std::uint32_t>{1});
  world.learn(kHostsNow + 14 * kHour, kHostsNow);
  CHECK(world.mind.plan().hosts().state(evader) == plan::HostState::missing);
  world.mind.unanswered(evader, 0);
  world.learn(kHostsNow + 15 * kHour, kHostsNow);
  CHECK(world.orders<plan::CheckHost>(kHostsNow + 15 * kHour).size() == 1);
}

TEST_CASE("files of all sizes are of few kinds, and counted for a quarter too much at most") {
  std::set<std::uint64_t> kinds;
  for (std::uint32_t bytes = 16; bytes <= std::uint32_t{2} << 20; bytes += 16) {
    const auto counted = planned_piece_bytes(bytes);
    CHECK_FALSE((counted < bytes || counted > bytes + bytes / 4 + 1));
    kinds.insert(counted);
  }
  CHECK(kinds.size() <= 80);
  MindWorld world(6);
  world.learn(kHostsNow);
  // More sizes than any number of kinds that a table would have room for.
  for (std::uint32_t i = 0; i < 5000; ++i) {
    CareRow row;
    row.key = i + 1;
    row.file = i + 1;
    row.layout = {.k = 2, .m = 1, .mirrors = 1};
    row.piece_bytes = 16 * (i + 1);
    for (std::uint16_t place = 0; place < 3; ++place)
      row.places.push_back(
          {.host = place + 1U, .place = place, .is_lost = false, .is_proved = true, .is_ours = false});
    REQUIRE(world.mind.take_segment(row, kHostsNow));
  }
  CHECK(world.mind.segments() == 5000);
}

TEST_CASE("Hosts that are only named, without number, leave room for those that there are") {
  MindWorld world(6);
  world.learn(kHostsNow);
  crypto::SeededRandom random(1);
  for (CareHostKey key = 10; key < 10 + kNamedHostsMax + 100; ++key) {
    CareHost host{.key = key, .host = {}, .address = "h:1"};
    random.fill(host.host.bytes);
    REQUIRE(world.mind.take_care_host(host));
  }
  CHECK(world.mind.hosts() <= kNamedHostsMax + 10);
  CHECK(world.mind.find_host(CareHostKey{10}) != world.mind.find_host(CareHostKey{11}));
  const auto nobody = world.mind.find_host(CareHostKey{10 + kNamedHostsMax + 50});
  REQUIRE(nobody.has_value());
  CHECK(world.mind.host_id(*nobody) == HostId{});
  world.learn(kHostsNow + kHour);
}

}  // namespace

TEST_CASE("a Host that is not reached is silent since it answered last, and missing after the grace") {
  MindWorld world(6);
  world.learn(kHostsNow);
  REQUIRE(world.mind.take_segment(MindWorld::row_of(10, {1, 2, 3}), kHostsNow));
  CHECK(world.orders<plan::Rebuild>(kHostsNow).empty());
  world.measure(2, false, kHostsNow + 2 * kHour);
  world.learn(kHostsNow + 3 * kHour, kHostsNow);
  CHECK(world.orders<plan::Rebuild>(kHostsNow + 12 * kHour - 1).empty());
  const auto orders = world.orders<plan::Rebuild>(kHostsNow + 12 * kHour);
  REQUIRE(orders.size() == 1);
  CHECK(world.mind.key_of(orders[0].segment) == 10);
  CHECK(orders[0].missing == std::vector<std::uint32_t>{1});
  // It is back: what was planned for it is told by its check.
  world.measure(2, true, kHostsNow + 13 * kHour);
  world.learn(kHostsNow + 13 * kHour, kHostsNow);
  const auto checks = world.orders<plan::CheckHost>(kHostsNow + 13 * kHour);
  REQUIRE(checks.size() == 1);
  CHECK(world.mind.host_id(checks[0].host) == host_id(2));
}

TEST_CASE("a Bridge that was away itself counts silence from its own start on") {
  MindWorld world(6);
  world.measure(2, false, kHostsNow);
  world.learn(kHostsNow + 100 * kHour, /*watched_since=*/kHostsNow + 100 * kHour);
  REQUIRE(world.mind.take_segment(MindWorld::row_of(10, {1, 2, 3}), kHostsNow + 100 * kHour));
  CHECK(world.orders<plan::Rebuild>(kHostsNow + 112 * kHour - 1).empty());
  CHECK(world.orders<plan::Rebuild>(kHostsNow + 112 * kHour).size() == 1);
}

TEST_CASE(
    "a segment that comes when its Hosts are missing, unknown or have lost their piece is due at once") {
  MindWorld world(6);
  world.measure(2, false, kHostsNow);
  world.learn(kHostsNow + kHour, kHostsNow);
  CHECK(world.orders<plan::Rebuild>(kHostsNow + 20 * kHour).empty());
  REQUIRE(world.mind.take_segment(MindWorld::row_of(10, {1, 2, 3}), kHostsNow + 20 * kHour));
  CHECK(world.orders<plan::Rebuild>(kHostsNow + 20 * kHour).size() == 1);
  auto lost = MindWorld::row_of(11, {3, 4, 5});
  lost.places[2].is_lost = true;
  REQUIRE(world.mind.take_segment(lost, kHostsNow + 20 * kHour));
  auto short_of_one = MindWorld::row_of(12, {3, 4});
  REQUIRE(world.mind.take_segment(short_of_one, kHostsNow + 20 * kHour));
  const auto orders = world.orders<plan::Rebuild>(kHostsNow + 20 * kHour);
  REQUIRE(orders.size() == 2);
  for (const auto& order : orders) CHECK(order.missing == std::vector<std::uint32_t>{2});
}

TEST_CASE("what a repair has written down is as it was decided; what another process wrote down counts") {
  MindWorld world(6);
  world.learn(kHostsNow);
  auto row = MindWorld::row_of(10, {1, 2, 3});
  REQUIRE(world.mind.take_segment(row, kHostsNow));
  row.places.push_back({.host = 5, .place = 1, .is_lost = false, .is_proved = true, .is_ours = true});
  REQUIRE(world.mind.take_segment(row, kHostsNow));
  CHECK(world.holder(10, 1) == host_id(5));
  CHECK(world.mind.segments() == 1);
  // Two Hosts have place 1 now: one is let go when both have shown it.
  CHECK(world.orders<plan::CheckHost>(kHostsNow).size() == 1);
  world.mind.plan().check_passed(*world.mind.find_host(host_id(2)), kHostsNow);
  CHECK(world.orders<plan::ReleasePiece>(kHostsNow).size() == 1);
  // A later one that is lost takes nothing from an earlier one that is not.
  auto returned = MindWorld::row_of(20, {1, 2, 3});
  returned.places.push_back({.host = 5, .place = 1, .is_lost = true, .is_proved = true, .is_ours = true});
  REQUIRE(world.mind.take_segment(returned, kHostsNow));
  CHECK(world.holder(20, 1) == host_id(2));
  CHECK(world.orders<plan::Rebuild>(kHostsNow).empty());
  returned.is_removed = true;
  REQUIRE(world.mind.take_segment(returned, kHostsNow));
  row.places.pop_back();
  row.is_removed = true;
  REQUIRE(world.mind.take_segment(row, kHostsNow));
  CHECK(world.mind.segments() == 0);
  CHECK_FALSE(world.mind.find_segment(10));
  REQUIRE(world.mind.take_segment(row, kHostsNow));  // again
}

TEST_CASE("a place that is only told takes nothing from one that was proved") {
  MindWorld world(6);
  world.learn(kHostsNow);
  auto row = MindWorld::row_of(10, {1, 5, 3});
  row.places[1].is_ours = true;
  REQUIRE(world.mind.take_segment(row, kHostsNow));
  // The owner's manifest, entrusted again, still says where it was before it was repaired.
  row.places.push_back({.host = 2, .place = 1, .is_lost = false, .is_proved = false, .is_ours = false});
  REQUIRE(world.mind.take_segment(row, kHostsNow));
  CHECK(world.holder(10, 1) == host_id(5));
  CHECK(world.orders<plan::ReleasePiece>(kHostsNow).empty());
  row.places[1].is_lost = true;
  REQUIRE(world.mind.take_segment(row, kHostsNow));
  CHECK(world.holder(10, 1) == host_id(2));
  row.places[1].is_lost = false;
  row.places.back().is_proved = true;
  REQUIRE(world.mind.take_segment(row, kHostsNow));
  CHECK(world.holder(10, 1) == host_id(2));
}

TEST_CASE("a piece that is stored again at the Host that had lost it is there") {
  MindWorld world(3);
  world.learn(kHostsNow);
  auto row = MindWorld::row_of(10, {1, 2, 3});
  row.places[1].is_lost = true;
  REQUIRE(world.mind.take_segment(row, kHostsNow));
  auto orders = world.orders<plan::Rebuild>(kHostsNow);
  REQUIRE(orders.size() == 1);
  const std::vector<std::uint32_t> same{*world.mind.find_host(host_id(2))};
  REQUIRE(world.mind.plan().rebuilt(orders[0].number, same, 0, kHostsNow));
  row.places[1].is_lost = false;
  REQUIRE(world.mind.take_segment(row, kHostsNow));
  CHECK(world.orders<plan::Rebuild>(kHostsNow + 60).empty());
  CHECK(world.mind.segments() == 1);
  CHECK(world.mind.plan().segments().pieces(*world.mind.find_segment(10))[1].is_lost == 0);
}

TEST_CASE("a pause that is taken back makes nobody's silence later") {
  for (const bool is_taken_back : {false, true}) {
    MindWorld world(6);
    format::Heartbeat beat;
    beat.host = host_id(2);
    beat.counter = 1;
    beat.capacity_bytes = 1000;
    beat.away_until_unix_s = kHostsNow + 48 * kHour;
    REQUIRE(world.rows.beat(beat, kHostsNow)->paused_until_unix_s == kHostsNow + 48 * kHour);
    world.learn(kHostsNow);
    REQUIRE(world.mind.take_segment(MindWorld::row_of(10, {1, 2, 3}), kHostsNow));
    ++beat.counter;
    if (is_taken_back) beat.away_until_unix_s = 0;
    REQUIRE(world.rows.beat(beat, kHostsNow + 60).has_value());
    world.learn(kHostsNow + kHour);
    world.measure(2, false, kHostsNow + 2 * kHour);
    for (int hour = 2; hour < 40; ++hour) world.learn(kHostsNow + hour * kHour);
    CHECK(world.orders<plan::Rebuild>(kHostsNow + 40 * kHour).size() == (is_taken_back ? 1U : 0U));
  }
}

TEST_CASE("a Host that has another key now holds what the former one held") {
  MindWorld world(6);
  world.learn(kHostsNow);
  world.learn(kHostsNow, 0, {{host_id(2), host_id(6)}});
  REQUIRE(world.mind.take_segment(MindWorld::row_of(10, {1, 2, 3}), kHostsNow));
  CHECK(world.holder(10, 1) == host_id(6));
  // A circle, which no honest directory has, ends.
  world.learn(kHostsNow, 0, {{host_id(2), host_id(6)}, {host_id(6), host_id(2)}});
  CHECK(world.mind.find_host(host_id(1)));
}

}  // namespace inxt::bridge
