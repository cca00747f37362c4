// SPDX-License-Identifier: LGPL-3.0-or-later
// When a Host is looked at next.  Pure.
//
// A Host that never answered is asked less and less often, and forgotten after kNeverReachedS: whoever
// registers strangers' addresses makes this Bridge knock there a few dozen times, not for ever.  One that did
// answer once is asked at the interval for kGoneS, then daily.
#pragma once

#include <cstdint>

namespace inxt::bridge {

inline constexpr std::int64_t kNeverReachedS = 7 * 86400;
inline constexpr std::int64_t kGoneS = 7 * 86400;
inline constexpr std::int64_t kSlowProbeS = 86400;

struct ProbeHistory {
  bool was_reached = false;   // ever
  std::int64_t failures = 0;  // in a row
  std::int64_t last_answer_unix_s = 0;
  bool has_beaten = false;  // a heartbeat since the last probe, so it lives
};

/// Seconds from now; spread by up to a tenth with `random` (uniform), so that Hosts which registered together
/// are not asked together.
std::int64_t next_probe_s(const ProbeHistory& history, std::int64_t interval_s, std::int64_t now_unix_s,
                          std::uint32_t random);

/// Seconds that a Host may be silent before it counts as gone.
inline constexpr std::int64_t kBeatsMissedMax = 5;

}  // namespace inxt::bridge
