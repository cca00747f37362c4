// SPDX-License-Identifier: LGPL-3.0-or-later
// What the operator of a Bridge sets for the care of entrusted files.  Manual: inxt-bridge(8), "Repairs".
#pragma once

#include <algorithm>
#include <cstdint>

#include "plan/repair_limits.h"
#include "transfer/piece_check.h"

namespace inxt::bridge {

inline constexpr std::uint32_t kHasteMax = 1'000'000;

struct HealerOptions {
  plan::RepairLimits limits = {};
  std::int64_t audit_s = 86400;  // how often the entrusted pieces of a Host are audited
  std::int64_t audit_answer_ms = transfer::kCheckAnswerMs;
  std::int64_t turn_ms = 5000;        // how often what has happened is looked at
  std::int64_t watch_gap_s = 900;     // a Bridge that was away for no longer knows who was silent meanwhile
  std::int64_t lease_s = 60;          // of the process that decides
  std::int64_t term_s = 365 * 86400;  // of a repair's contracts; no more than a Host takes
  /// For a piece: HealerMind::price_max() may allow more.
  std::uint64_t price_max = 0;

  bool operator==(const HealerOptions&) const = default;
};

/// Every wait shorter by so much, but none shorter than what real Hosts take: for tests.
constexpr HealerOptions hastened(HealerOptions options, std::uint32_t by) {
  const auto divide = [by](std::int64_t& wait, std::int64_t least) {
    wait = std::max(wait / std::int64_t{by}, std::min(wait, least));
  };
  auto& limits = options.limits;
  divide(limits.grace_s, 1);
  divide(limits.patience_s, 10);
  divide(limits.check_wait_s, 60);
  divide(limits.storm_gather_s, 5);
  divide(limits.storm_pause_s_max, 5);
  divide(limits.repair_wait_s, 60);
  divide(limits.retry_first_s, 1);
  divide(limits.retry_s_max, 5);
  divide(options.audit_s, 2);
  divide(options.audit_answer_ms, 10'000);
  divide(options.turn_ms, 250);
  divide(options.lease_s, 5);
  divide(options.watch_gap_s, 10);
  return options;
}

}  // namespace inxt::bridge
