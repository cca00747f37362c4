// SPDX-License-Identifier: LGPL-3.0-or-later
// When a Host's next heartbeat goes to a Bridge.  Pure.
//
// What the Bridge asks for, within bounds, and a tenth more or less, so that the Hosts of a Bridge that was
// away do not come back all at once; after failures, ever longer.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace inxt::plan {

inline constexpr std::int64_t kHeartbeatS = 60;  // where the Bridge says nothing
inline constexpr std::int64_t kHeartbeatSMin = 1;
inline constexpr std::int64_t kHeartbeatSMax = 3600;
inline constexpr std::int64_t kHeartbeatFirstMsMax = 2000;  // after a start
inline constexpr std::int64_t kHeartbeatBackoffMs = 5000;   // after the first failure; doubles
inline constexpr std::int64_t kHeartbeatBackoffMsMax = 600'000;

class HeartbeatPace {
 public:
  /// `random`, here and below: any number, another each time.
  static std::int64_t first_ms(std::uint64_t random) { return below(random, kHeartbeatFirstMsMax); }

  /// Within bounds.
  static std::int64_t asked_ms(std::optional<std::int64_t> asked_s) {
    return std::clamp(asked_s.value_or(kHeartbeatS), kHeartbeatSMin, kHeartbeatSMax) * 1000;
  }
  std::int64_t after_success_ms(std::optional<std::int64_t> asked_s, std::uint64_t random) {
    failures_ = 0;
    const std::int64_t wait_ms = asked_ms(asked_s);
    return wait_ms - wait_ms / 10 + below(random, wait_ms / 5);
  }
  /// Half of it is random.
  std::int64_t after_failure_ms(std::uint64_t random) {
    constexpr int kDoublingsMax = 7;  // past kHeartbeatBackoffMsMax
    const std::int64_t most_ms = std::min(
        kHeartbeatBackoffMs << std::min<std::uint64_t>(failures_, kDoublingsMax), kHeartbeatBackoffMsMax);
    ++failures_;
    return most_ms / 2 + below(random, most_ms / 2);
  }
  /// In a row.
  std::uint64_t failures() const { return failures_; }

 private:
  static std::int64_t below(std::uint64_t random, std::int64_t end) {
    return static_cast<std::int64_t>(random % static_cast<std::uint64_t>(std::max<std::int64_t>(end, 1)));
  }
  std::uint64_t failures_ = 0;
};

}  // namespace inxt::plan
