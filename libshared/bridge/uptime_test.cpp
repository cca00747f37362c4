// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/uptime.h"

#include <doctest/doctest.h>

#include <vector>

namespace inxt::bridge {
namespace {

constexpr std::int64_t kStart = 480'000 * kHourS + 5;
constexpr std::int64_t kHour = 480'000;

TEST_CASE("a window counts its hours and no others") {
  const std::vector<HourOfProbes> hours{{kHour, 1, 1},        {kHour - 23, 2, 0},  {kHour - 24, 0, 10},
                                        {kHour - 167, 0, 2},  {kHour - 168, 5, 0}, {kHour - 719, 3, 0},
                                        {kHour - 720, 0, 900}};
  const auto uptime = uptime_of(hours, kStart);
  CHECK(uptime.day == 7500);    // 3 of 4
  CHECK(uptime.week == 1875);   // 3 of 16
  CHECK(uptime.month == 4583);  // 11 of 24
}

TEST_CASE("where nobody looked, nothing is said") {
  CHECK(uptime_of({}, kStart) == Uptime{});
  const std::vector<HourOfProbes> old{{kHour - 100, 4, 0}};
  CHECK(uptime_of(old, kStart).day == std::nullopt);
  CHECK(uptime_of(old, kStart).week == 10'000);
}

TEST_CASE("one failure of many is not rounded away, and hours to come do not count") {
  const std::vector<HourOfProbes> hours{{kHour, 1'000'000, 1}, {kHour + 1, 0, 500}};
  CHECK(uptime_of(hours, kStart).day == 9999);
}

}  // namespace
}  // namespace inxt::bridge
