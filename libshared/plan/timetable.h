// SPDX-License-Identifier: LGPL-3.0-or-later
// What holds at which time of the day: the hours of the scrub, and rates that depend on the hour.
// Pure.  Local time is an argument: seconds since 1970-01-01 00:00 on the operator's wall clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace inxt::plan {

inline constexpr std::int64_t kDayS = 86400;
inline constexpr std::size_t kTimedRatesMax = 48;  // that one timetable has

/// A part of each day, which may pass midnight: from `first_s` to before `end_s`, seconds after midnight.
struct DayWindow {
  std::int32_t first_s = 0;
  std::int32_t end_s = 0;

  /// "22:00-06:00"; "00:00-24:00" is the whole day.  Errors: usage; also when it begins and ends at once.
  static Result<DayWindow> parse(std::string_view text);
  std::string text() const;

  bool contains(std::int64_t local_s) const;
  std::int64_t length_s() const;
  /// How many seconds of [from, to) lie in it.  REQUIRES: from_local_s <= to_local_s.
  std::int64_t seconds_within(std::int64_t from_local_s, std::int64_t to_local_s) const;

  bool operator==(const DayWindow&) const = default;
};

/// Bytes per second, always or in a part of the day.
struct TimedRate {
  std::uint64_t bytes_per_s = 0;  // 0: nothing may pass
  std::optional<DayWindow> window;

  bool operator==(const TimedRate&) const = default;
};

/// The first entry that holds counts.
using Timetable = std::vector<TimedRate>;

/// Nothing when no entry holds: no limit.
std::optional<std::uint64_t> rate_at(const Timetable& timetable, std::int64_t local_s);

}  // namespace inxt::plan
