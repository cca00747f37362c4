// SPDX-License-Identifier: AGPL-3.0-or-later
// Hosts for tests of placement.
#pragma once

#include "crypto/random.h"
#include "plan/placement.h"

namespace inxt::testing {

inline constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

/// An established Host with room, alone in its operator, network and domain.
inline plan::Candidate good_candidate(std::uint32_t number) {
  plan::Candidate candidate;
  candidate.operator_group = number + 1;
  candidate.domain = number + 1;
  candidate.region = number % 8 + 1;
  candidate.network = number + 1;
  candidate.wide_network = number / 16 + 1;
  candidate.capacity_bytes = 1024 * kGiB;
  candidate.free_bytes = 512 * kGiB;
  candidate.placed_bytes = 512 * kGiB;
  candidate.proved_bytes = 512 * kGiB;
  candidate.up_bytes_per_s = 12'500'000;
  candidate.down_bytes_per_s = 12'500'000;
  candidate.rtt_ms = 40;
  candidate.uptime_ppm = 1'000'000;
  candidate.standing_ppm = 1'000'000;
  candidate.audits_passed = 100;
  candidate.takes_pieces = true;
  return candidate;
}

inline std::vector<plan::Candidate> good_candidates(std::uint32_t count) {
  std::vector<plan::Candidate> candidates;
  for (std::uint32_t i = 0; i < count; ++i) candidates.push_back(good_candidate(i));
  return candidates;
}

/// A Host that has just come and says that it has `free_bytes`.
inline plan::Candidate new_candidate(std::uint32_t number, std::uint64_t free_bytes) {
  plan::Candidate candidate = good_candidate(number);
  candidate.free_bytes = free_bytes;
  candidate.placed_bytes = candidate.proved_bytes = 0;
  candidate.audits_passed = 0;
  return candidate;
}

inline ByteArray<32> seed_of(std::uint64_t number) {
  return crypto::SeededRandom(number).bytes<32>();
}

}  // namespace inxt::testing
