// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/pause_allowance.h"

#include <algorithm>

namespace inxt::plan {
namespace {

/// Of the window that ends at `end_s`.  A later end has no less: what the window loses at its beginning is at
/// most what it gains at its end.
std::int64_t paused_s(std::span<const Pause> before, std::int64_t began_s, std::int64_t end_s,
                      std::int64_t window_s) {
  const std::int64_t from_s = end_s - window_s;
  std::int64_t sum_s = end_s - std::max(began_s, from_s);
  for (const Pause& pause : before)
    sum_s += std::max<std::int64_t>(0, std::min(pause.until_s, end_s) - std::max(pause.began_s, from_s));
  return sum_s;
}

bool is_allowed(std::span<const Pause> before, std::int64_t began_s, std::int64_t end_s) {
  return paused_s(before, began_s, end_s, kPauseWindowS) <= kPauseS &&
         paused_s(before, began_s, end_s, kPauseYearWindowS) <= kPauseYearS;
}

}  // namespace

std::int64_t pause_end_s(std::span<const Pause> before, std::int64_t began_s, std::int64_t wanted_until_s) {
  std::int64_t allowed_s = began_s;
  std::int64_t past_s = std::min(wanted_until_s, began_s + kPauseS) + 1;
  while (past_s - allowed_s > 1) {
    const std::int64_t middle_s = allowed_s + (past_s - allowed_s) / 2;
    (is_allowed(before, began_s, middle_s) ? allowed_s : past_s) = middle_s;
  }
  return allowed_s;
}

}  // namespace inxt::plan
