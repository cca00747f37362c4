// SPDX-License-Identifier: LGPL-3.0-or-later
// Segments that wait for their repair: nearest to loss first, those that failed after a while.  For
// plan/repair_plan.cpp.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "plan/repair_limits.h"

namespace inxt::plan {

struct RepairUrgency {
  std::int32_t margin = 0;       // now
  std::int32_t margin_then = 0;  // once those have left that said so
  std::int64_t since_s = 0;      // it is due
  std::strong_ordering operator<=>(const RepairUrgency&) const = default;
};

class RepairQueue {
 public:
  explicit RepairQueue(const RepairLimits& limits) : limits_(limits) {}

  /// Puts it in, or moves it; `since_s` of one that waits is kept.
  void put(std::uint32_t segment, RepairUrgency urgency);
  /// It need not be repaired any more, and what is known of it is forgotten.
  void remove(std::uint32_t segment);
  /// Out of the queue while it is repaired; failures are remembered.
  void begin(std::uint32_t segment);
  /// Back into it, after a wait that doubles; `with`: Hosts to leave out from now on.
  void failed(std::uint32_t segment, std::span<const std::uint32_t> with, std::int64_t now_s);
  /// Not now: again after the first wait, without a failure.
  void wait(std::uint32_t segment, std::int64_t now_s);

  /// The first that may begin; what has waited long enough is in again.
  std::optional<std::uint32_t> first(std::int64_t now_s);
  const RepairUrgency& urgency(std::uint32_t segment) const { return waiting_.at(segment).urgency; }
  const std::vector<std::uint32_t>& excluded(std::uint32_t segment) const {
    return waiting_.at(segment).excluded;
  }
  bool contains(std::uint32_t segment) const { return waiting_.contains(segment); }
  std::size_t size() const { return waiting_.size(); }
  /// When one that failed may begin again; INT64_MAX when there is none.
  std::int64_t wake_s() const;

 private:
  struct Waiting {
    RepairUrgency urgency;
    std::int64_t retry_s = 0;  // 0: it is ready, or under way
    bool is_under_way = false;
    std::uint32_t failures = 0;
    std::vector<std::uint32_t> excluded;
  };
  void retry_at(std::uint32_t segment, Waiting& waiting, std::int64_t retry_s);
  void take_out(std::uint32_t segment, Waiting& waiting);

  RepairLimits limits_;
  std::unordered_map<std::uint32_t, Waiting> waiting_;
  std::set<std::pair<RepairUrgency, std::uint32_t>> ready_;
  std::set<std::pair<std::int64_t, std::uint32_t>> retries_;
};

}  // namespace inxt::plan
