// SPDX-License-Identifier: LGPL-3.0-or-later
// How much planned silence costs a Host nothing.  Manual: inxt-bridge(7), "Pauses".  Pure.
//
// A pause counts from when it is announced until it ends, whether the Host was silent all the time or not:
// who always announces one has soon used up what is allowed, and counts as anybody else.
#pragma once

#include <cstdint>
#include <span>

namespace inxt::plan {

inline constexpr std::int64_t kPauseS = 48 * 3600;  // in any kPauseWindowS
inline constexpr std::int64_t kPauseWindowS = 7 * 86400;
inline constexpr std::int64_t kPauseYearS = 7 * 86400;  // in any kPauseYearWindowS
inline constexpr std::int64_t kPauseYearWindowS = 365 * 86400;

struct Pause {
  std::int64_t began_s = 0, until_s = 0;
};

/// Until when a pause that begins at `began_s`, and is wanted until `wanted_until_s`, is within what is
/// allowed; `began_s` where nothing is left.  `before`: earlier ones, which do not overlap and end at
/// `began_s` or before.
std::int64_t pause_end_s(std::span<const Pause> before, std::int64_t began_s, std::int64_t wanted_until_s);

}  // namespace inxt::plan
