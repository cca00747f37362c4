// SPDX-License-Identifier: LGPL-3.0-or-later
// How a file is protected when its owner leaves that to the Bridge.  Manual: inxt-placement(7), "Layouts".
// Pure, integers only.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/placement_pool.h"

namespace inxt::plan {

inline constexpr std::uint64_t kMirroredBytesMax = 64 * 1024;             // larger files are K+M
inline constexpr std::uint64_t kSmallBytesMax = 8 * 1024 * 1024;          // K is 4
inline constexpr std::uint64_t kMiddleBytesMax = std::uint64_t{1} << 30;  // K is 10; of larger ones 20
inline constexpr std::uint32_t kNinesMax = 12;         // what the arithmetic can tell apart
inline constexpr std::uint32_t kPlacedShardsMax = 64;  // K, and M: those of inxt-manifest(5)
inline constexpr std::uint32_t kPlacedMirrorsMax = 16;

/// K+M, or mirrors (then K is 1 and M is 0).
struct PlacedLayout {
  std::uint32_t k = 1;
  std::uint32_t m = 0;
  std::uint32_t mirrors = 1;

  std::uint32_t hosts() const { return (k + m) * mirrors; }
  /// Pieces of a segment that may be lost, whichever they are.
  std::uint32_t spare() const { return (m + 1) * mirrors - 1; }

  bool operator==(const PlacedLayout&) const = default;
};

/// Whether a segment survives a year with a probability of at least 1 - 10^-nines, when each Host is lost
/// with limits.host_loss_ppm_a_year, one independently of the other, and what is lost is repaired after
/// limits.repair_days: N * loss * P(as many of N - 1 are missing as may be).  It says nothing of Hosts that
/// fail together.  REQUIRES: nines <= kNinesMax.
bool is_durable(const PlacedLayout& layout, std::uint32_t nines, const PlacementLimits& limits);

/// Layouts for a file of `bytes` where pieces can go to `independent` Hosts, best first: the largest K that
/// the size allows, with the least M that is durable; those first that leave M Hosts over, for repairs;
/// mirrors last.  Empty when nothing durable enough fits.
std::vector<PlacedLayout> automatic_layouts(std::uint64_t bytes, std::uint32_t independent,
                                            std::uint32_t nines, const PlacementLimits& limits);

/// The fewest Hosts with which anything is durable enough; nothing when not even 16 mirrors are.
std::optional<std::uint32_t> hosts_needed_min(std::uint32_t nines, const PlacementLimits& limits);

/// The largest power of two up to limits.shard_bytes_max with which a segment's shards fit in
/// limits.segment_memory_bytes; at least 4096.
std::uint32_t placed_shard_bytes(const PlacedLayout& layout, const PlacementLimits& limits);

}  // namespace inxt::plan
