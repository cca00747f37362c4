// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/probe_schedule.h"

#include <doctest/doctest.h>

namespace inxt::bridge {
namespace {

constexpr std::int64_t kStart = 1'700'000'000;

TEST_CASE("a Host that answers is asked at the interval, a little spread") {
  const ProbeHistory good{
      .was_reached = true, .failures = 0, .last_answer_unix_s = kStart, .has_beaten = true};
  CHECK(next_probe_s(good, 300, kStart, 0) == 300);
  const auto early = next_probe_s(good, 300, kStart, UINT32_MAX);
  CHECK(early >= 270);
  CHECK(early < 275);
}

TEST_CASE("a Host that was never reached costs this Bridge few connections") {
  ProbeHistory never;
  std::int64_t time_s = 0;
  int probes = 0;
  while (time_s < kNeverReachedS) {
    ++never.failures;
    time_s += next_probe_s(never, 300, kStart + time_s, 0);
    ++probes;
  }
  CHECK(probes < 20);
}

TEST_CASE("a Host that went away is asked for a week as before, then daily; a heartbeat brings it back") {
  ProbeHistory gone{
      .was_reached = true, .failures = 3, .last_answer_unix_s = kStart - kGoneS, .has_beaten = false};
  CHECK(next_probe_s(gone, 300, kStart, 0) == 300);
  gone.last_answer_unix_s -= 1;
  CHECK(next_probe_s(gone, 300, kStart, 0) == kSlowProbeS);
  gone.has_beaten = true;
  CHECK(next_probe_s(gone, 300, kStart, 0) == 300);
}

}  // namespace
}  // namespace inxt::bridge
