// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/scrub_pace.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace inxt::plan {
namespace {

constexpr std::int64_t kBegan = 20'000 * kDayS;

/// A pass over pieces at these positions, looked at every `step_s`: when each was read.
std::vector<std::int64_t> times_of(const ScrubPass& pass, const std::vector<std::uint64_t>& positions,
                                   std::int64_t step_s) {
  std::vector<std::int64_t> times;
  for (std::int64_t now_s = kBegan; times.size() < positions.size() && now_s < kBegan + 100 * kDayS;
       now_s += step_s)
    while (times.size() < positions.size() && pass.may_read(now_s) &&
           positions[times.size()] < pass.due(now_s))
      times.push_back(now_s);
  return times;
}

std::vector<std::uint64_t> random_positions(std::size_t count) {
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> positions(count);
  for (std::uint64_t& position : positions) position = random() >> 32;
  std::ranges::sort(positions);
  return positions;
}

TEST_CASE("a pass spreads its reading evenly over the period, and ends in it") {
  const auto positions = random_positions(20'000);
  for (const char* hours : {"", "01:00-05:00", "22:00-02:00"}) {
    CAPTURE(hours);
    const ScrubPass pass{kBegan, 30 * kDayS,
                         *hours == 0 ? std::optional<DayWindow>{} : DayWindow::parse(hours).value()};
    const auto times = times_of(pass, positions, 60);
    REQUIRE(times.size() == positions.size());
    CHECK(times.back() <= kBegan + 30 * kDayS);
    std::size_t next = 0;
    for (int day = 0; day < 30; ++day) {
      std::size_t read = 0;
      for (; next < times.size() && times[next] < kBegan + (day + 1) * kDayS; ++next) ++read;
      CHECK(read >= 20'000 / 30 * 8 / 10);
      CHECK(read <= 20'000 / 30 * 12 / 10);
    }
    if (pass.hours)
      CHECK(std::ranges::all_of(times, [&](std::int64_t time_s) { return pass.hours->contains(time_s); }));
  }
}

TEST_CASE("what a stopped Host missed is due at once, and no more than all") {
  const ScrubPass pass{kBegan, 10 * kDayS, {}};
  CHECK(pass.due(kBegan - 5) == 0);
  CHECK(pass.due(kBegan) == 0);
  CHECK(pass.due(kBegan + 5 * kDayS) == kScrubWhole / 2);
  CHECK(pass.due(kBegan + 10 * kDayS) == kScrubWhole);
  CHECK(pass.due(kBegan + 1000 * kDayS) == kScrubWhole);
  CHECK(pass.next_began_local_s(kBegan + 10 * kDayS + 7) == kBegan + 10 * kDayS);
  CHECK(pass.next_began_local_s(kBegan + 25 * kDayS) == kBegan + 25 * kDayS);
}

TEST_CASE("a clock that is set back does not stop the scrub") {
  const ScrubPass pass{kBegan + 1000 * kDayS, 10 * kDayS, {}};
  CHECK(pass.due(kBegan) == 0);
  const ScrubPass again{pass.began_for(kScrubWhole / 4, kBegan), 10 * kDayS, {}};
  CHECK(again.due(kBegan) == kScrubWhole / 4);
  CHECK(again.due(kBegan + kDayS) > kScrubWhole / 4);
}

TEST_CASE("odd periods and hours") {
  const ScrubPass brief{kBegan + 12 * 3600, 3600, DayWindow::parse("01:00-02:00").value()};
  CHECK(brief.due(kBegan + 12 * 3600 + 10) == kScrubWhole);
  CHECK_FALSE(brief.may_read(kBegan + 12 * 3600 + 10));
  const ScrubPass second{kBegan, 1, {}};
  CHECK(second.due(kBegan + 1) == kScrubWhole);
}

TEST_CASE("catching up keeps to its rate") {
  CHECK(scrub_wait_ms(1 << 20, 0, 1 << 20) == 1000);
  CHECK(scrub_wait_ms(1 << 20, 400, 1 << 20) == 600);
  CHECK(scrub_wait_ms(1 << 20, 5000, 1 << 20) == 0);
  CHECK(scrub_wait_ms(1 << 20, 0, 0) > 0);
  CHECK(scrub_wait_ms(UINT64_MAX, 0, 1) == 3'600'000);
}

}  // namespace
}  // namespace inxt::plan
