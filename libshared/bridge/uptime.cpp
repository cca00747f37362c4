// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/uptime.h"

namespace inxt::bridge {
namespace {

std::optional<std::int64_t> share(std::span<const HourOfProbes> hours, std::int64_t now_hour,
                                  std::int64_t length) {
  std::int64_t answered = 0, all = 0;
  for (const auto& entry : hours) {
    if (entry.hour > now_hour || entry.hour <= now_hour - length) continue;
    answered += entry.answered;
    all += entry.answered + entry.failed;
  }
  if (all == 0) return std::nullopt;
  return answered * 10'000 / all;
}

}  // namespace

Uptime uptime_of(std::span<const HourOfProbes> hours, std::int64_t now_unix_s) {
  const auto now_hour = now_unix_s / kHourS;
  return {.day = share(hours, now_hour, 24),
          .week = share(hours, now_hour, 7 * 24),
          .month = share(hours, now_hour, kUptimeHoursMax)};
}

}  // namespace inxt::bridge
