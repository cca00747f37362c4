// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/repair_plan.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "plan/repair_margin.h"

namespace inxt::plan {
namespace {

constexpr std::int64_t kHour = 3600, kDay = 86400, kNow = 1'000'000'000;
constexpr std::uint64_t kPieceBytes = 1 << 20;
constexpr SegmentKind kFour{.layout = {4, 2, 1}, .piece_bytes = kPieceBytes};
constexpr SegmentKind kTwenty{.layout = {20, 10, 1}, .piece_bytes = kPieceBytes};

struct World {
  explicit World(std::uint32_t hosts = 100, const RepairLimits& limits = {}) {
    for (std::uint32_t host = 0; host < hosts; ++host) {
      Candidate candidate;
      candidate.free_bytes = candidate.capacity_bytes = std::uint64_t{1 + host} << 30;
      candidate.uptime_ppm = candidate.standing_ppm = kMillion;
      candidate.audits_passed = 14;
      candidate.takes_pieces = true;
      candidate.operator_group = host < 2 ? 1 : 0;
      CHECK(pool.set(host, candidate));
    }
    plan.emplace(pool, limits);
  }
  std::uint32_t add(const SegmentKind& kind, std::uint32_t first_host) {
    std::vector<std::uint32_t> hosts;
    for (std::uint32_t i = 0; i < kind.layout.hosts(); ++i) hosts.push_back(first_host + i);
    const auto segment = plan->add_segment(kind, hosts);
    REQUIRE(segment);
    return *segment;
  }
  template <class Order>
  std::vector<Order> orders(std::int64_t now_s) {
    std::vector<Order> found;
    while (const auto order = plan->next(now_s))
      if (const auto* each = std::get_if<Order>(&*order)) found.push_back(*each);
    return found;
  }
  bool done(const Rebuild& order, std::vector<std::uint32_t> hosts, std::int64_t now_s) {
    return plan->rebuilt(order.number, hosts, order.bytes, now_s);
  }
  std::uint32_t holder(std::uint32_t segment, std::uint32_t place) {
    return plan->segments().pieces(segment)[place].host;
  }

  PlacementPool pool;
  std::optional<RepairPlan> plan;
};
using Places = std::vector<std::uint32_t>;

TEST_CASE("a reboot causes nothing, a longer silence a repair") {
  World world;
  const auto segment = world.add(kFour, 10);
  world.plan->silent(11, kNow);
  world.plan->heard(11, kNow + 11 * kHour);
  CHECK_FALSE(world.plan->next(kNow + kDay));
  world.plan->silent(11, kNow + kDay);
  CHECK_FALSE(world.plan->next(kNow + kDay + 11 * kHour));
  CHECK(world.plan->wake_s(kNow + kDay) == kNow + kDay + 12 * kHour);
  const auto orders = world.orders<Rebuild>(kNow + kDay + 12 * kHour);
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].segment == segment);
  CHECK(orders[0].missing == Places{1});
  CHECK(orders[0].bytes == 5 * kPieceBytes);
  CHECK(world.done(orders[0], {50}, kNow + 2 * kDay));
  CHECK(world.holder(segment, 1) == 50);
  CHECK(world.plan->due() == 0);
  CHECK_FALSE(world.done(orders[0], {51}, kNow + 2 * kDay));
  CHECK(world.holder(segment, 1) == 50);
}

TEST_CASE("wide layouts wait for their margin, or until patience is over") {
  World world;
  const auto segment = world.add(kTwenty, 10);
  for (std::uint32_t place = 0; place < 4; ++place) world.plan->piece_lost(segment, place, 10 + place, kNow);
  CHECK_FALSE(world.plan->next(kNow));
  SUBCASE("one more") {
    world.plan->piece_lost(segment, 4, 14, kNow + kHour);
    const auto orders = world.orders<Rebuild>(kNow + kHour);
    REQUIRE(orders.size() == 1);
    CHECK(orders[0].missing == Places{0, 1, 2, 3, 4});
    CHECK(orders[0].bytes == 25 * kPieceBytes);
  }
  SUBCASE("patience") {
    const std::int64_t over_s = world.plan->wake_s(kNow);
    CHECK(over_s >= kNow + 30 * kDay - 60);
    CHECK(over_s <= kNow + 30 * kDay);
    CHECK_FALSE(world.plan->next(over_s - 1));
    CHECK(world.orders<Rebuild>(over_s).size() == 1);
  }
  SUBCASE("what another holds by now is not lost with the first") {
    world.plan->piece_lost(segment, 5, 99, kNow);
    world.plan->piece_lost(segment, 30, 10, kNow);
    world.plan->piece_lost(77, 0, 10, kNow);
    CHECK_FALSE(world.plan->next(kNow));
  }
}

TEST_CASE("a piece that is made anew at the Host that lost it is due no more") {
  World world;
  const auto segment = world.add(kFour, 10);
  world.plan->piece_lost(segment, 1, 11, kNow);
  const auto orders = world.orders<Rebuild>(kNow);
  REQUIRE(orders.size() == 1);
  world.plan->piece_found(segment, 1, 12, kNow);  // others have not got it
  world.plan->piece_found(segment, 99, 11, kNow);
  world.plan->piece_found(77, 1, 11, kNow);
  CHECK(world.plan->segments().pieces(segment)[1].is_lost == 1);
  world.plan->piece_found(segment, 1, 11, kNow);
  CHECK(world.done(orders[0], {11}, kNow));
  CHECK(world.plan->due() == 0);
  CHECK(world.orders<Rebuild>(kNow + 40 * kDay).empty());
}

TEST_CASE("the nearest to loss is repaired first") {
  World world;
  const auto one = world.add(kFour, 10), two = world.add(kFour, 20), wide = world.add(kTwenty, 30);
  world.plan->piece_lost(one, 0, 10, kNow);
  world.plan->piece_lost(two, 0, 20, kNow);
  world.plan->piece_lost(two, 1, 21, kNow);
  for (std::uint32_t place = 0; place < 9; ++place) world.plan->piece_lost(wide, place, 30 + place, kNow);
  const auto orders = world.orders<Rebuild>(kNow);
  REQUIRE(orders.size() == 3);
  CHECK(orders[0].segment == two);
  CHECK(orders[1].segment == one);
  CHECK(orders[2].segment == wide);
}

TEST_CASE("a Host that comes back cancels what was not begun, and surplus is let go cheapest first") {
  RepairLimits limits;
  limits.under_way_max = 1;
  World world(100, limits);
  std::vector<std::uint32_t> segments;
  for (int i = 0; i < 3; ++i) segments.push_back(world.add(kFour, 10));
  world.plan->silent(10, kNow);
  const std::int64_t later_s = kNow + kDay;
  const auto first = world.orders<Rebuild>(later_s);
  REQUIRE(first.size() == 1);
  CHECK(world.plan->due() == 3);
  REQUIRE(world.done(first[0], {50}, later_s));
  const auto second = world.orders<Rebuild>(later_s);
  REQUIRE(second.size() == 1);
  world.plan->heard(10, later_s + kHour);
  CHECK(world.plan->due() == 1);  // the one under way
  CHECK(world.orders<CheckHost>(later_s + kHour) == std::vector{CheckHost{.host = 10}});
  CHECK(world.orders<ReleasePiece>(later_s + kHour).empty());  // not before its check
  SUBCASE("what it holds costs less to let go") {
    world.plan->set_release_cost(50, 5);
    world.plan->check_passed(10, later_s + kHour);
    const ReleasePiece expected{.segment = segments[0], .place = 0, .host = 10};
    CHECK(world.orders<ReleasePiece>(later_s + kHour) == std::vector{expected});
    CHECK(world.holder(segments[0], 0) == 50);
  }
  SUBCASE("what the other holds costs less") {
    world.plan->set_release_cost(10, 5);
    world.plan->check_passed(10, later_s + kHour);
    const ReleasePiece expected{.segment = segments[0], .place = 0, .host = 50};
    CHECK(world.orders<ReleasePiece>(later_s + kHour) == std::vector{expected});
    CHECK(world.holder(segments[0], 0) == 10);
    // The repair under way comes out well: then there is one more.
    REQUIRE(world.done(second[0], {51}, later_s + 2 * kHour));
    CHECK(world.orders<ReleasePiece>(later_s + 2 * kHour).size() == 1);
  }
  SUBCASE("it is as dear: the one with less room") {
    world.plan->check_passed(10, later_s + kHour);
    const auto released = world.orders<ReleasePiece>(later_s + kHour);
    REQUIRE(released.size() == 1);
    CHECK(released[0].host == 10);
  }
  SUBCASE("it has nothing any more") {
    world.plan->pieces_lost(10, later_s + kHour);
    CHECK(world.orders<ReleasePiece>(later_s + kHour).empty());
    CHECK(world.plan->due() == 2);
  }
}

TEST_CASE("no piece is let go while the other Host is not known to be good") {
  World world;
  const auto segment = world.add(kFour, 10);
  world.plan->silent(10, kNow);
  const auto order = world.orders<Rebuild>(kNow + kDay);
  REQUIRE(order.size() == 1);
  REQUIRE(world.done(order[0], {50}, kNow + kDay));
  world.plan->silent(50, kNow + kDay);
  world.plan->heard(10, kNow + kDay + 1);
  world.plan->check_passed(10, kNow + kDay + 1);
  CHECK(world.orders<ReleasePiece>(kNow + kDay + 1).empty());
  SUBCASE("it is back") {
    world.plan->heard(50, kNow + kDay + kHour);
    CHECK(world.orders<ReleasePiece>(kNow + kDay + 2 * kHour).size() == 1);
  }
  SUBCASE("it is not: the first takes its place again") {
    CHECK(world.orders<Rebuild>(kNow + 2 * kDay).empty());
    CHECK(world.orders<ReleasePiece>(kNow + 2 * kDay).empty());
    CHECK(world.holder(segment, 0) == 10);
    CHECK(world.plan->margin(segment) == 2);
  }
}

TEST_CASE("a rule of placement decides who stays") {
  World world;
  const auto segment = world.add(kFour, 1);  // Hosts 1 to 6; 0 and 1 have one operator
  world.plan->silent(2, kNow);
  const auto order = world.orders<Rebuild>(kNow + kDay);
  REQUIRE(order.size() == 1);
  REQUIRE(world.done(order[0], {50}, kNow + kDay));
  world.plan->piece_lost(segment, 5, 6, kNow + kDay);
  const auto other = world.orders<Rebuild>(kNow + kDay);
  REQUIRE(other.size() == 1);
  REQUIRE(world.done(other[0], {2}, kNow + kDay));  // as if it had come back empty, under the same number
  world.plan->set_release_cost(2, 100);
  world.plan->heard(2, kNow + kDay);
  world.plan->check_passed(2, kNow + kDay);
  const ReleasePiece expected{.segment = segment, .place = 1, .host = 2};
  CHECK(world.orders<ReleasePiece>(kNow + kDay) == std::vector{expected});
}

TEST_CASE("a Host that leaves is emptied first, and its pieces are let go after that") {
  World world;
  const auto segment = world.add(kTwenty, 10);
  world.plan->leaving(12, kNow + 7 * kDay, kNow);
  const auto orders = world.orders<Rebuild>(kNow);
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].missing.empty());
  CHECK(orders[0].handed_over == Places{2});
  CHECK(orders[0].bytes == kPieceBytes);
  CHECK(world.orders<ReleasePiece>(kNow).empty());
  REQUIRE(world.done(orders[0], {70}, kNow + kHour));
  const ReleasePiece expected{.segment = segment, .place = 2, .host = 12};
  CHECK(world.orders<ReleasePiece>(kNow + kHour) == std::vector{expected});
  CHECK(world.plan->due() == 0);
  world.plan->leaving(13, kNow + 7 * kDay, kNow + kHour);
  world.plan->leaving(13, 0, kNow + kHour);  // it stays after all
  CHECK_FALSE(world.plan->next(kNow + kHour));
}

TEST_CASE("a storm holds repairs up, but not those of segments that are nearest to loss") {
  World world;
  const auto one = world.add(kFour, 10), near = world.add(kFour, 20);
  world.add(kTwenty, 60);
  for (std::uint32_t host = 60; host < 90; ++host) world.plan->silent(host, kNow);
  world.plan->piece_lost(one, 0, 10, kNow);
  world.plan->piece_lost(near, 0, 20, kNow);
  world.plan->piece_lost(near, 1, 21, kNow);
  const auto orders = world.orders<Rebuild>(kNow + kDay);
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].segment == near);
  for (std::uint32_t host = 60; host < 90; ++host) world.plan->heard(host, kNow + kDay);
  CHECK(world.orders<Rebuild>(kNow + kDay).size() == 1);
}

TEST_CASE("a storm that does not end holds nothing up for ever") {
  RepairLimits limits;
  limits.grace_s = 30 * kDay;  // so that those who are silent stay so
  World world(100, limits);
  world.add(kTwenty, 60);
  world.plan->piece_lost(world.add(kFour, 10), 0, 10, kNow);
  for (std::uint32_t host = 60; host < 90; ++host) world.plan->silent(host, kNow);
  CHECK(world.orders<Rebuild>(kNow).empty());
  CHECK(world.plan->wake_s(kNow) == kNow + 3 * kDay);
  CHECK(world.orders<Rebuild>(kNow + 3 * kDay - 1).empty());
  CHECK(world.orders<Rebuild>(kNow + 3 * kDay).size() == 1);
}

TEST_CASE("the budget is kept, but not where a segment is nearest to loss") {
  RepairLimits limits;
  limits.bytes_per_day = 86400 * 10;  // 10 bytes a second
  limits.burst_bytes = 7 * kPieceBytes;
  limits.repair_wait_s = 100 * kDay;
  World world(100, limits);
  for (std::uint32_t i = 0; i < 3; ++i)
    world.plan->piece_lost(world.add(kFour, 10 * (i + 1)), 0, 10 * (i + 1), kNow);
  CHECK(world.orders<Rebuild>(kNow).size() == 1);
  const auto near = world.add(kFour, 50);
  world.plan->piece_lost(near, 0, 50, kNow);
  world.plan->piece_lost(near, 1, 51, kNow);
  const auto orders = world.orders<Rebuild>(kNow);
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].segment == near);
  // 5 + 6 pieces are spent of 7: 9 more must come in, at 10 bytes a second.
  const std::int64_t then_s = kNow + 9 * static_cast<std::int64_t>(kPieceBytes) / 10;
  CHECK(world.orders<Rebuild>(then_s - 60).empty());
  CHECK(std::abs(world.plan->wake_s(then_s - 60) - then_s) < 60);
  CHECK(world.orders<Rebuild>(then_s + 60).size() == 1);
}

TEST_CASE("a repair that failed is tried again, later each time, without those it failed with") {
  World world;
  const auto segment = world.add(kFour, 10);
  world.plan->piece_lost(segment, 0, 10, kNow);
  std::int64_t now_s = kNow, wait_s = 600;
  for (std::uint32_t attempt = 0; attempt < 12; ++attempt) {
    const auto orders = world.orders<Rebuild>(now_s);
    REQUIRE(orders.size() == 1);
    CHECK(orders[0].excluded.size() == attempt);
    const std::vector<std::uint32_t> with{80 + attempt};
    world.plan->repair_failed(orders[0].number, with, kPieceBytes, now_s);
    CHECK(world.orders<Rebuild>(now_s + wait_s - 1).empty());
    now_s += wait_s;
    wait_s = std::min(2 * wait_s, kDay);
  }
  // One that says nothing has failed as well.
  const auto orders = world.orders<Rebuild>(now_s);
  REQUIRE(orders.size() == 1);
  CHECK(world.orders<Rebuild>(now_s + 6 * kHour).empty());
  CHECK(world.plan->under_way() == 0);
  CHECK_FALSE(world.done(orders[0], {50}, now_s + 7 * kHour));
  CHECK(world.orders<Rebuild>(now_s + 31 * kHour).size() == 1);
}

TEST_CASE("what cannot be read waits for a Host that comes back") {
  World world;
  const auto segment = world.add(kFour, 10);
  for (std::uint32_t host = 10; host < 13; ++host) world.plan->silent(host, kNow);
  CHECK(world.orders<Rebuild>(kNow + kDay).empty());
  CHECK(world.plan->unreadable() == 1);
  CHECK(world.plan->margin(segment) == -1);
  world.plan->heard(10, kNow + 2 * kDay);
  const auto orders = world.orders<Rebuild>(kNow + 2 * kDay);
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].missing == Places{1, 2});
  CHECK(world.plan->unreadable() == 0);
  world.plan->remove_segment(segment);
  CHECK_FALSE(world.done(orders[0], {50, 51}, kNow + 2 * kDay));
  CHECK(world.plan->under_way() == 0);
}

/// Any events: what is promised holds at each step, and the same events give the same orders.
struct Trial {
  std::uint64_t orders = 0, hash = 0;
};
Trial play(std::uint32_t seed) {
  RepairLimits limits;
  limits.under_way_max = 5;
  limits.releases_under_way_max = 3;
  World world(60, limits);
  auto& plan = *world.plan;
  std::mt19937 random(seed);
  const auto below = [&random](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
  std::vector<std::uint32_t> segments;
  for (int i = 0; i < 40; ++i) segments.push_back(world.add(i % 4 == 0 ? kTwenty : kFour, below(30)));
  std::vector<Rebuild> rebuilds;
  std::vector<ReleasePiece> releases;
  Trial trial;
  std::int64_t now_s = kNow;
  for (int step = 0; step < 3000; ++step) {
    now_s += below(4 * kHour);
    const std::uint32_t host = below(60), segment = segments[below(40)];
    switch (below(16)) {
      case 0:
      case 1:
      case 2:
        plan.silent(host, now_s);
        break;
      case 3:
      case 4:
      case 5:
      case 6:
        plan.heard(host, now_s);
        break;
      case 7:
        plan.leaving(host, below(3) == 0 ? now_s + kDay : 0, now_s);
        break;
      case 8:
        plan.paused(host, now_s + kDay);
        break;
      case 9:
        if (below(4) == 0) plan.pieces_lost(host, now_s);
        break;
      case 10:
        if (below(200) == 0) plan.lying(host, now_s);
        break;
      case 11:
        plan.piece_lost(segment, below(6), host, now_s);
        break;
      case 12:
        plan.check_passed(host, now_s);
        break;
      default:
        if (!rebuilds.empty()) {
          const Rebuild order = rebuilds.back();
          rebuilds.pop_back();
          std::vector<std::uint32_t> hosts;
          while (hosts.size() < order.missing.size() + order.handed_over.size()) hosts.push_back(below(60));
          if (below(3) == 0) {
            plan.repair_failed(order.number, hosts, order.bytes / 2, now_s);
          } else {
            plan.rebuilt(order.number, hosts, order.bytes, now_s);
          }
        } else if (!releases.empty()) {
          plan.released(releases.back());
          releases.pop_back();
        }
    }
    int orders = 0;
    while (const auto order = plan.next(now_s)) {
      REQUIRE(++orders < 1000);
      ++trial.orders;
      trial.hash = trial.hash * 31 + order->index();
      if (const auto* rebuild = std::get_if<Rebuild>(&*order)) {
        CHECK(plan.margin(rebuild->segment) >= 0);
        CHECK(rebuild->missing.size() + rebuild->handed_over.size() > 0);
        for (const auto& other : rebuilds)
          CHECK((other.segment != rebuild->segment || plan.under_way() < rebuilds.size() + 1));
        for (const std::uint32_t place : rebuild->missing) {
          const auto piece = plan.segments().pieces(rebuild->segment)[place];
          CHECK((piece.is_lost != 0 || !plan.hosts().is_counted(piece.host)));
        }
        trial.hash = trial.hash * 31 + rebuild->segment;
        rebuilds.push_back(*rebuild);
      } else if (const auto* release = std::get_if<ReleasePiece>(&*order)) {
        const auto piece = plan.segments().pieces(release->segment)[release->place];
        CHECK(piece.host != release->host);
        CHECK(piece.is_lost == 0);
        CHECK(plan.hosts().state(piece.host) == HostState::good);
        releases.push_back(*release);
      }
    }
    CHECK(plan.under_way() <= limits.under_way_max);
    CHECK(plan.wake_s(now_s) > now_s);
  }
  return trial;
}

TEST_CASE("whatever happens, nothing is let go that is needed, and the same events give the same orders") {
  std::uint64_t orders = 0;
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    const Trial one = play(seed), two = play(seed);
    CHECK(one.hash == two.hash);
    orders += one.orders;
  }
  CHECK(orders > 1000);
}

TEST_CASE("segments and their numbers are used again, and Hosts' lists are kept short") {
  SegmentTable table;
  std::mt19937 random(1);
  std::vector<std::uint32_t> segments;
  const auto hosts = [&random] {
    std::vector<std::uint32_t> found;
    for (int i = 0; i < 6; ++i) found.push_back(static_cast<std::uint32_t>(random() % 50));
    return found;
  };
  for (int i = 0; i < 20'000; ++i) {
    if (segments.size() < 500) {
      segments.push_back(*table.add(kFour, hosts()));
    } else if (random() % 2 == 0) {
      table.remove(segments.back());
      segments.pop_back();
    } else {
      table.set_host(segments[random() % segments.size()], random() % 6,
                     static_cast<std::uint32_t>(random() % 50));
    }
  }
  CHECK(table.end() == 500);
  std::size_t held = 0;
  for (std::uint32_t host = 0; host < 50; ++host) {
    for (const std::uint32_t segment : table.segments_of(host)) {
      const auto pieces = table.pieces(segment);
      CHECK(std::ranges::any_of(pieces, [host](const auto& piece) { return piece.host == host; }));
      ++held;
    }
  }
  std::size_t expected = 0;
  for (const std::uint32_t segment : segments) {
    std::vector<std::uint32_t> of;
    for (const auto piece : table.pieces(segment)) of.push_back(piece.host);
    std::ranges::sort(of);
    expected += static_cast<std::size_t>(std::unique(of.begin(), of.end()) - of.begin());
  }
  CHECK(held == expected);
  CHECK_FALSE(table.add(kFour, std::vector<std::uint32_t>{0, 1, 2, 3, 4, kPoolHostsMax}));
}

TEST_CASE("a process that begins hears which Hosts have a piece besides, and which were missing before") {
  World world;
  world.plan->silent(90, kNow);
  CHECK_FALSE(world.plan->next(kNow + kDay));  // nobody's pieces: 90 is missing from here on
  const auto segment = world.plan->add_segment(kFour, std::vector<std::uint32_t>{10, 11, 12, 13, 14, 90});
  REQUIRE(segment);
  CHECK(world.orders<Rebuild>(kNow + kDay).empty());
  world.plan->judge_again(*segment, kNow + kDay);
  const auto orders = world.orders<Rebuild>(kNow + kDay);
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].missing == Places{5});
  // Place 0 lies at 60 too, which is as good: one is let go, once, after 60 has shown what it has.
  world.plan->also_at(*segment, 0, 60);
  REQUIRE(world.plan->surplus_of(60).size() == 1);
  CHECK(world.plan->surplus_of(60)[0].place == 0);
  const auto checks = world.orders<CheckHost>(kNow + kDay);
  REQUIRE(checks.size() == 1);
  CHECK(checks[0].host == 60);
  world.plan->check_passed(60, kNow + kDay);
  const auto releases = world.orders<ReleasePiece>(kNow + kDay);
  REQUIRE(releases.size() == 1);
  CHECK((releases[0].host == 10 || releases[0].host == 60));
  CHECK(world.holder(*segment, 0) == (releases[0].host == 10 ? 60U : 10U));
  // Who cannot let it go has the other one do so.
  const auto other = world.plan->release_other(releases[0], kNow + kDay);
  REQUIRE(other);
  CHECK(other->host == (releases[0].host == 10 ? 60U : 10U));
  CHECK(world.holder(*segment, 0) == releases[0].host);
  world.plan->released(*other);
  // What it turns out not to have is no surplus.
  world.plan->also_at(*segment, 2, 62);
  world.plan->piece_lost(*segment, 2, 62, kNow + kDay);
  world.plan->check_passed(62, kNow + kDay);
  CHECK(world.orders<ReleasePiece>(kNow + kDay).empty());
  // At 61, which is missing, nothing is let go until it is back and has passed its check.
  world.plan->silent(61, kNow);
  CHECK_FALSE(world.plan->next(kNow + 2 * kDay));
  world.plan->also_at(*segment, 1, 61);
  CHECK(world.orders<ReleasePiece>(kNow + 2 * kDay).empty());
  world.plan->heard(61, kNow + 2 * kDay);
  world.plan->check_passed(61, kNow + 2 * kDay);
  CHECK(world.orders<ReleasePiece>(kNow + 2 * kDay).size() == 1);
  // Not of segments that are not there, nor of places that they do not have.
  world.plan->also_at(*segment + 1, 0, 60);
  world.plan->also_at(*segment, 6, 60);
  world.plan->judge_again(*segment + 1, kNow);
  CHECK(world.orders<ReleasePiece>(kNow + 2 * kDay).empty());
}

}  // namespace
}  // namespace inxt::plan
