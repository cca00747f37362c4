// SPDX-License-Identifier: LGPL-3.0-or-later
// Of how many probes a Host answered, over windows.  Pure.
//
// Probes are counted by the hour, so that a month of a Host is 720 rows whatever the interval.  An hour in
// which nobody looked says nothing: a Bridge that was down takes no uptime from its Hosts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace inxt::bridge {

inline constexpr std::int64_t kHourS = 3600;
inline constexpr std::int64_t kUptimeHoursMax = 30 * 24;  // older hours are forgotten

struct HourOfProbes {
  std::int64_t hour = 0;  // unix seconds / kHourS
  std::int64_t answered = 0;
  std::int64_t failed = 0;
};

/// Parts of 10,000; rounded down, so that only a Host that never failed has 10,000.
struct Uptime {
  std::optional<std::int64_t> day, week, month;  // nothing where there was no probe
  bool operator==(const Uptime&) const = default;
};

/// Windows end with the hour that `now_unix_s` is in: the last 24, 168, 720 hours.
Uptime uptime_of(std::span<const HourOfProbes> hours, std::int64_t now_unix_s);

}  // namespace inxt::bridge
