// SPDX-License-Identifier: LGPL-3.0-or-later
// Hosts as placement sees them (plan/placement_pool.h).  Pure.  Manual: inxt-placement(7).
#pragma once

#include <string>
#include <unordered_map>

#include "bridge/host_record.h"
#include "plan/placement_pool.h"

namespace inxt::bridge {

/// From 0 (nothing that counts) to 1,000,000: audits that failed weigh less with each that has been passed
/// since.
std::uint32_t standing_ppm(std::int64_t audits_passed_since, std::int64_t audits_failed);

/// Operators, domains and regions are texts; placement only asks whether two are the same.  Keeps a number
/// for each text that it met: make one and keep it.
class CandidateMaker {
 public:
  /// `placed_bytes`: what this Bridge has placed there, which counts as proved as far as the Host says that
  /// it holds as much and its last audit did not fail.  `beat_interval_s`: as for is_live().
  plan::Candidate make(const KnownHost& host, std::uint64_t placed_bytes, std::int64_t now_unix_s,
                       std::int64_t beat_interval_s);
  /// The number of a region as in candidates; 0 where no Host has declared it.
  std::uint32_t region(const std::string& name) const;

 private:
  using Numbers = std::unordered_map<std::string, std::uint32_t>;
  static std::uint32_t number(Numbers& numbers, const std::string& text);
  Numbers operators_, domains_, regions_;
};

}  // namespace inxt::bridge
