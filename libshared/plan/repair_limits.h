// SPDX-License-Identifier: LGPL-3.0-or-later
// What the operator of a Bridge sets for repairs.  Manual: inxt-durability(7), "Repair".
#pragma once

#include <cstddef>
#include <cstdint>

namespace inxt::plan {

inline constexpr std::size_t kRepairSegmentsMax = std::size_t{1} << 31;
inline constexpr std::size_t kRepairPiecesMax = std::size_t{1} << 32;
inline constexpr std::size_t kRepairExcludedMax = 16;  // Hosts that one segment's repairs failed with
/// Kinds of segments, layout and size of a piece: more than there are layouts with 64 sizes each.
inline constexpr std::size_t kRepairLayoutsMax = std::size_t{1} << 20;

struct RepairLimits {
  std::int64_t grace_s = 12 * 3600;            // a Host silent for less is counted: it reboots, moves, sleeps
  std::int64_t patience_s = 30 * 86400;        // a segment lacks pieces no longer than this
  std::int64_t check_wait_s = 3600;            // a Host that is back has passed its check by then
  std::uint32_t storm_ppm = 100'000;           // more Hosts than this silent within grace_s is a storm
  std::uint32_t storm_hosts_min = 3;           // but so many are none
  std::int64_t storm_gather_s = 3600;          // who is silent so soon after its beginning is part of it
  std::int64_t storm_pause_s_max = 3 * 86400;  // then what is silent is missing all the same
  std::uint64_t bytes_per_day = std::uint64_t{1} << 40;  // that repairs move, on an average
  std::uint64_t burst_bytes = std::uint64_t{64} << 30;   // saved up; 1 TiB at most
  std::int32_t urgent_margin = 0;  // with this or less: no budget and no storm holds a repair up
  std::uint32_t under_way_max = 64;
  std::uint32_t releases_under_way_max = 64;
  std::int64_t repair_wait_s = 6 * 3600;  // a repair that says nothing for so long has failed
  std::int64_t retry_first_s = 600;       // after a failure; doubles
  std::int64_t retry_s_max = 86400;

  bool operator==(const RepairLimits&) const = default;
};

}  // namespace inxt::plan
