// SPDX-License-Identifier: LGPL-3.0-or-later
// The Hosts of the table as placement sees them, kept up to date as the table changes.
#pragma once

#include <memory>
#include <unordered_map>

#include "bridge/candidates.h"
#include "bridge/host_room.h"
#include "bridge/host_table.h"
#include "plan/placement.h"

namespace inxt::bridge {

inline constexpr std::int64_t kCandidatesLookMs =
    15'000;  // Hosts that fall silent change nothing in the table

class CandidatePool {
 public:
  CandidatePool(const plan::PlacementLimits& limits, std::int64_t beat_interval_s)
      : beat_interval_s_(beat_interval_s), pool_(limits) {}

  /// Takes what has changed since the last call.  Cost: linear in the Hosts when anything has.
  Result<void> update(const std::shared_ptr<const HostSnapshot>& snapshot,
                      const std::unordered_map<HostId, HostRoom>& rooms, std::int64_t now_unix_s,
                      std::int64_t now_ms);

  /// Indices are those of the snapshot's entries.
  const plan::PlacementPool& pool() const { return pool_; }
  const HostSnapshot& snapshot() const { return *snapshot_; }
  /// Those that ask for more.
  std::vector<std::uint32_t> dearer_than(std::uint64_t price) const;

 private:
  plan::Candidate candidate_of(const HostSnapshot::Entry& entry, const HostRoom& room,
                               std::int64_t now_unix_s);

  std::int64_t beat_interval_s_;
  plan::PlacementPool pool_;
  std::shared_ptr<const HostSnapshot> snapshot_ = std::make_shared<HostSnapshot>();
  CandidateMaker maker_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> priced_;  // Hosts that ask for anything, dearest first
  std::int64_t looked_ms_ = 0;
  bool has_looked_ = false;
};

}  // namespace inxt::bridge
