// SPDX-License-Identifier: AGPL-3.0-or-later
#include "plan/pause_allowance.h"

#include <doctest/doctest.h>

#include <vector>

namespace inxt::plan {
namespace {

constexpr std::int64_t kNow = 1'700'000'000, kHour = 3600, kDay = 86400;

std::int64_t total_s(const std::vector<Pause>& pauses, std::int64_t from_s, std::int64_t to_s) {
  std::int64_t sum = 0;
  for (const Pause& pause : pauses)
    sum += std::max<std::int64_t>(0, std::min(pause.until_s, to_s) - std::max(pause.began_s, from_s));
  return sum;
}

}  // namespace

TEST_CASE("a first pause is granted as wanted, up to 48 hours") {
  CHECK(pause_end_s({}, kNow, kNow + kHour) == kNow + kHour);
  CHECK(pause_end_s({}, kNow, kNow + kPauseS) == kNow + kPauseS);
  CHECK(pause_end_s({}, kNow, kNow + kPauseS + 1) == kNow + kPauseS);
  CHECK(pause_end_s({}, kNow, kNow + 365 * kDay) == kNow + kPauseS);
  CHECK(pause_end_s({}, kNow, kNow) == kNow);
  CHECK(pause_end_s({}, kNow, kNow - 5) == kNow);
}

TEST_CASE("48 hours are all of any 7 days, in one pause or in many") {
  const std::vector<Pause> whole{{kNow - kPauseS, kNow}};
  CHECK(pause_end_s(whole, kNow, kNow + kHour) == kNow);
  CHECK(pause_end_s(whole, kNow + kHour, kNow + 9 * kHour) == kNow + kHour);
  const std::vector<Pause> half{{kNow - 24 * kHour, kNow}};
  CHECK(pause_end_s(half, kNow + kHour, kNow + 40 * kHour) == kNow + 25 * kHour);
  // The first one leaves the window as the second one grows, so that it may go on.
  const std::vector<Pause> old{{kNow - kPauseWindowS - kHour, kNow - kPauseWindowS + 10 * kHour}};
  CHECK(pause_end_s(old, kNow, kNow + 48 * kHour) == kNow + 48 * kHour);
}

TEST_CASE("whoever is always away has 48 hours in a week, and a week in a year") {
  std::vector<Pause> pauses;
  std::int64_t all = 0;
  for (std::int64_t now = kNow; now < kNow + 800 * kDay; now += kHour) {
    const std::int64_t end = pause_end_s(pauses, now, now + kHour);
    REQUIRE(end >= now);
    REQUIRE(end <= now + kHour);
    if (end == now) continue;
    pauses.push_back({now, end});
    all += end - now;
    CHECK(total_s(pauses, end - kPauseWindowS, end) <= kPauseS);
    CHECK(total_s(pauses, end - kPauseYearWindowS, end) <= kPauseYearS);
  }
  CHECK(all == 3 * kPauseYearS);  // in two years and a bit
}

}  // namespace inxt::plan
