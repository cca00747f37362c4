// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/heartbeat_pace.h"

#include <doctest/doctest.h>

#include <array>

namespace inxt::plan {
namespace {

constexpr std::array<std::uint64_t, 5> kRandom{0, 1, 123'456'789, 0x8000000000000000, ~std::uint64_t{0}};

TEST_CASE("heartbeats come as often as the Bridge asks, within bounds, give or take a tenth") {
  HeartbeatPace pace;
  for (const std::uint64_t random : kRandom)
    for (const auto& [asked_s, wait_s] :
         {std::pair<std::optional<std::int64_t>, std::int64_t>{std::nullopt, 60},
          {20, 20},
          {0, 1},
          {-7, 1},
          {1, 1},
          {3600, 3600},
          {1'000'000'000'000, 3600}}) {
      const std::int64_t wait_ms = pace.after_success_ms(asked_s, random);
      CHECK(wait_ms >= wait_s * 900);
      CHECK(wait_ms < wait_s * 1100);
    }
  CHECK(pace.after_success_ms(60, 0) != pace.after_success_ms(60, 5000));
}

TEST_CASE("failures make the waits longer, up to ten minutes, and a success makes them short again") {
  for (const std::uint64_t random : kRandom) {
    HeartbeatPace pace;
    std::int64_t most_ms = kHeartbeatBackoffMs;
    for (std::uint64_t i = 0; i < 100; ++i) {
      CHECK(pace.failures() == i);
      const std::int64_t wait_ms = pace.after_failure_ms(random);
      CHECK(wait_ms >= most_ms / 2);
      CHECK(wait_ms <= most_ms);
      most_ms = std::min(most_ms * 2, kHeartbeatBackoffMsMax);
    }
    (void)pace.after_success_ms(60, random);
    CHECK(pace.failures() == 0);
    CHECK(pace.after_failure_ms(random) <= kHeartbeatBackoffMs);
    CHECK(HeartbeatPace::first_ms(random) < kHeartbeatFirstMsMax);
  }
}

}  // namespace
}  // namespace inxt::plan
