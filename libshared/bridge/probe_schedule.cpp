// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/probe_schedule.h"

#include <algorithm>

namespace inxt::bridge {

std::int64_t next_probe_s(const ProbeHistory& history, std::int64_t interval_s, std::int64_t now_unix_s,
                          std::uint32_t random) {
  const auto slow_s = std::max(interval_s, kSlowProbeS);
  auto wait_s = interval_s;
  if (!history.was_reached)
    wait_s = std::min(slow_s, interval_s << std::clamp<std::int64_t>(history.failures, 0, 12));
  else if (history.failures > 0 && !history.has_beaten && now_unix_s - history.last_answer_unix_s > kGoneS)
    wait_s = slow_s;
  const auto spread_s = (wait_s * static_cast<std::int64_t>(random) >> 32) / 10;
  return std::max<std::int64_t>(1, wait_s - spread_s);
}

}  // namespace inxt::bridge
