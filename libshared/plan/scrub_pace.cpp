// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/scrub_pace.h"

#include <algorithm>

namespace inxt::plan {

namespace {

// What is due in the last minutes of the hours must not have to wait for the next day.
constexpr std::int64_t kLeadS = 600;

}  // namespace

std::uint64_t ScrubPass::due(std::int64_t local_s) const {
  if (local_s <= began_local_s) return 0;
  const std::int64_t end_s = began_local_s + period_s;
  if (local_s >= end_s) return kScrubWhole;
  const auto usable = [&](std::int64_t to_s) {
    return hours ? hours->seconds_within(began_local_s, to_s) : to_s - began_local_s;
  };
  const std::int64_t all_s = usable(end_s);
  if (all_s == 0)
    return kScrubWhole;  // a period without any of the hours: what is left is done in the next ones
  const std::int64_t until_s = hours ? std::min(local_s + kLeadS, end_s) : local_s;
  const auto part = static_cast<unsigned __int128>(kScrubWhole) * static_cast<std::uint64_t>(usable(until_s));
  return static_cast<std::uint64_t>(part / static_cast<std::uint64_t>(all_s));
}

std::int64_t ScrubPass::next_began_local_s(std::int64_t local_s) const {
  const std::int64_t end_s = began_local_s + period_s;
  return local_s - end_s < period_s ? end_s : local_s;
}

std::int64_t ScrubPass::began_for(std::uint64_t position, std::int64_t local_s) const {
  const auto part = static_cast<unsigned __int128>(std::min(position, kScrubWhole)) *
                    static_cast<std::uint64_t>(period_s) / kScrubWhole;
  return local_s - static_cast<std::int64_t>(part);
}

std::int64_t scrub_wait_ms(std::uint64_t read_bytes, std::int64_t took_ms, std::uint64_t bytes_per_s) {
  constexpr std::int64_t kWaitMsMax = 3'600'000;
  if (bytes_per_s == 0) return kWaitMsMax;
  const auto should_take_ms = static_cast<unsigned __int128>(read_bytes) * 1000 / bytes_per_s;
  if (should_take_ms > static_cast<unsigned __int128>(kWaitMsMax)) return kWaitMsMax;
  return std::max<std::int64_t>(static_cast<std::int64_t>(should_take_ms) - took_ms, 0);
}

}  // namespace inxt::plan
