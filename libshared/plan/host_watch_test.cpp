// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/host_watch.h"

#include <doctest/doctest.h>

#include <limits>

namespace inxt::plan {
namespace {

constexpr std::int64_t kHour = 3600, kNow = 1'000'000'000;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

HostWatch watch_of(std::uint32_t hosts, const RepairLimits& limits = {}) {
  HostWatch watch(limits);
  for (std::uint32_t host = 0; host < hosts; ++host) watch.holds_pieces(host);
  return watch;
}
std::vector<std::uint32_t> missing(HostWatch& watch, std::int64_t now_s) {
  std::vector<std::uint32_t> hosts;
  for (std::uint32_t host = 0; watch.next_missing(now_s, host);) hosts.push_back(host);
  return hosts;
}

TEST_CASE("who is silent for less than the grace is counted") {
  auto watch = watch_of(100);
  CHECK(watch.wake_s() == kNever);
  watch.silent(7, kNow);
  watch.silent(7, kNow + kHour);  // said again
  CHECK(watch.state(7) == HostState::silent);
  CHECK(watch.is_counted(7));
  CHECK_FALSE(watch.is_reachable(7));
  CHECK(watch.wake_s() == kNow + 12 * kHour);
  CHECK(missing(watch, kNow + 12 * kHour - 1).empty());
  CHECK_FALSE(watch.heard(7, kNow + 11 * kHour));
  CHECK(watch.wake_s() == kNever);
  watch.silent(7, kNow + 12 * kHour);
  CHECK(missing(watch, kNow + 23 * kHour).empty());
  CHECK(missing(watch, kNow + 24 * kHour) == std::vector<std::uint32_t>{7});
  CHECK_FALSE(watch.is_counted(7));
  CHECK(missing(watch, kNow + 99 * kHour).empty());
}

TEST_CASE("who is back is counted, and good once it has passed its check") {
  auto watch = watch_of(100);
  watch.silent(7, kNow);
  CHECK(missing(watch, kNow + 12 * kHour).size() == 1);
  CHECK(watch.heard(7, kNow + 20 * kHour));
  CHECK(watch.state(7) == HostState::returning);
  CHECK(watch.is_counted(7));
  CHECK(watch.is_reachable(7));
  SUBCASE("it passes") {
    CHECK(watch.check_passed(7));
    CHECK_FALSE(watch.check_passed(7));
    CHECK(missing(watch, kNow + 99 * kHour).empty());
    CHECK(watch.state(7) == HostState::good);
  }
  SUBCASE("it says nothing") {
    CHECK(missing(watch, kNow + 21 * kHour) == std::vector<std::uint32_t>{7});
  }
  SUBCASE("it lies") {
    watch.lying(7);
    CHECK_FALSE(watch.heard(7, kNow + 21 * kHour));
    CHECK_FALSE(watch.is_counted(7));
    CHECK(missing(watch, kNow + 99 * kHour).empty());
  }
}

TEST_CASE("a pause that was announced delays the grace, and is no storm") {
  auto watch = watch_of(100);
  for (std::uint32_t host = 0; host < 50; ++host) {
    watch.paused(host, kNow + 48 * kHour);
    watch.silent(host, kNow);
  }
  CHECK_FALSE(watch.is_storm(kNow));
  CHECK(missing(watch, kNow + 60 * kHour - 1).empty());
  CHECK(missing(watch, kNow + 60 * kHour).size() == 50);
}

TEST_CASE("when many are silent at once nobody is given up, for a while") {
  const RepairLimits limits;
  auto watch = watch_of(100);
  for (std::uint32_t host = 0; host < 10; ++host) watch.silent(host, kNow);
  CHECK_FALSE(watch.is_storm(kNow));
  watch.silent(10, kNow + kHour);
  CHECK(watch.is_storm(kNow + kHour));
  CHECK(missing(watch, kNow + 20 * kHour).empty());
  SUBCASE("it ends when they come back, but for half of the limit") {
    for (std::uint32_t host = 0; host < 5; ++host) watch.heard(host, kNow + 20 * kHour);
    CHECK(watch.is_storm(kNow + 20 * kHour));
    CHECK(missing(watch, kNow + 20 * kHour).empty());
    watch.heard(5, kNow + 20 * kHour);
    CHECK_FALSE(watch.is_storm(kNow + 20 * kHour));
    CHECK(missing(watch, kNow + 20 * kHour).size() == 5);
  }
  SUBCASE("it does not hold for ever") {
    const std::int64_t end_s = kNow + kHour + limits.storm_pause_s_max;
    CHECK(watch.wake_s() == end_s);
    CHECK(missing(watch, end_s - 1).empty());
    CHECK_FALSE(watch.is_storm(end_s));
    CHECK(missing(watch, end_s).size() == 11);
    CHECK_FALSE(watch.heard(19, end_s));
    // The next one is noticed.
    for (std::uint32_t host = 20; host < 40; ++host) watch.silent(host, end_s);
    CHECK(watch.is_storm(end_s));
  }
}

TEST_CASE("who goes while a storm lasts does not prolong it") {
  auto watch = watch_of(100);
  for (std::uint32_t host = 0; host < 11; ++host) watch.silent(host, kNow);
  for (std::uint32_t i = 1; i <= 8; ++i) watch.silent(20 + i, kNow + 2 * i * kHour);
  for (std::uint32_t host = 0; host < 5; ++host) watch.heard(host, kNow + 20 * kHour);
  CHECK(watch.is_storm(kNow + 20 * kHour));
  watch.heard(5, kNow + 20 * kHour);
  CHECK_FALSE(watch.is_storm(kNow + 20 * kHour));
  // 14 are silent, but only 5 of them have not been for longer than the grace.
  watch.silent(50, kNow + 20 * kHour);
  CHECK_FALSE(watch.is_storm(kNow + 20 * kHour));
  CHECK(missing(watch, kNow + 20 * kHour).size() == 5 + 4);
  // One who was back, and goes again, is one of many who go.
  for (std::uint32_t host = 0; host < 6; ++host) watch.silent(host, kNow + 20 * kHour);
  CHECK(watch.is_storm(kNow + 20 * kHour));
  CHECK(missing(watch, kNow + 40 * kHour).empty());
}

TEST_CASE("a storm that grows at its beginning lasts until they are back who came to it") {
  const RepairLimits limits;
  auto watch = watch_of(100);
  for (std::uint32_t host = 0; host < 11; ++host) watch.silent(host, kNow);
  for (std::uint32_t host = 11; host < 40; ++host) watch.silent(host, kNow + limits.storm_gather_s - 1);
  for (std::uint32_t host = 0; host < 34; ++host) {
    watch.heard(host, kNow + 20 * kHour);
    CHECK(watch.is_storm(kNow + 20 * kHour));
  }
  CHECK(missing(watch, kNow + 20 * kHour).empty());
  SUBCASE("by their return") {
    watch.heard(34, kNow + 20 * kHour);
  }
  SUBCASE("by a pause") {
    watch.paused(34, kNow + 30 * kHour);
  }
  SUBCASE("by lies, which also make fewer that are counted") {
    watch.lying(34);
    CHECK(watch.is_storm(kNow + 20 * kHour));
    watch.lying(35);
  }
  CHECK(missing(watch, kNow + 20 * kHour).size() >= 4);
}

TEST_CASE("who has no pieces is no part of a storm") {
  HostWatch watch({});
  for (std::uint32_t host = 0; host < 50; ++host) watch.silent(host, kNow);
  CHECK_FALSE(watch.is_storm(kNow));
  for (std::uint32_t host = 40; host < 60; ++host) watch.holds_pieces(host);
  SUBCASE("then another is silent") {
    watch.silent(50, kNow + 1);
  }  // 11 of 20
  CHECK(missing(watch, kNow + 1).empty());
  CHECK(watch.is_storm(kNow + 1));
  CHECK(watch.silent_part() >= 0.5);
  CHECK(watch.silent_part() <= 0.55);
  CHECK(missing(watch, kNow + 13 * kHour).empty());
}

TEST_CASE("a few Hosts are no storm in a small network") {
  auto watch = watch_of(5);
  for (std::uint32_t host = 0; host < 3; ++host) watch.silent(host, kNow);
  CHECK_FALSE(watch.is_storm(kNow));
  watch.silent(3, kNow);
  CHECK(watch.is_storm(kNow));
}

}  // namespace
}  // namespace inxt::plan
