// SPDX-License-Identifier: LGPL-3.0-or-later
// How far a background scrub should be: it goes through the piece ids from the first to the last once in a
// period, evenly over the hours that it may use.  Ids are hashes, so a part of their range is that part of
// the pieces, whatever comes and goes meanwhile.  Pure; local time as in plan/timetable.h.
#pragma once

#include "plan/timetable.h"

namespace inxt::plan {

/// All ids.  A position in them: an id's first 32 bits.
inline constexpr std::uint64_t kScrubWhole = std::uint64_t{1} << 32;

struct ScrubPass {
  std::int64_t began_local_s = 0;
  std::int64_t period_s = 0;  // > 0
  std::optional<DayWindow> hours;

  bool may_read(std::int64_t local_s) const { return !hours || hours->contains(local_s); }
  /// Up to which position ids should have been read: 0 to kScrubWhole.
  std::uint64_t due(std::int64_t local_s) const;
  /// When the next pass begins: after this one's period; at once when it is over already.
  std::int64_t next_began_local_s(std::int64_t local_s) const;
  /// Where the clock was set back behind the beginning: when a pass that has come to `position` began.
  std::int64_t began_for(std::uint64_t position, std::int64_t local_s) const;
};

/// What is left to wait so that reading goes on at no more than bytes_per_s.
std::int64_t scrub_wait_ms(std::uint64_t read_bytes, std::int64_t took_ms, std::uint64_t bytes_per_s);

}  // namespace inxt::plan
