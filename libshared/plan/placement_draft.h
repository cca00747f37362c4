// SPDX-License-Identifier: LGPL-3.0-or-later
// One group of a placement while its Hosts are drawn.  For plan/placement.cpp.
#pragma once

#include <algorithm>
#include <unordered_map>

#include "plan/draw_stream.h"
#include "plan/placement.h"

namespace inxt::plan {

/// Rules that are kept where possible.
struct SoftRules {
  bool other_group = false;
  std::uint32_t region_max = UINT32_MAX;  // of the group's Hosts in one
  std::uint32_t wide_network_max = UINT32_MAX;
  bool apart_from_primary = false;
};

using Slots = std::vector<std::optional<std::uint32_t>>;
inline std::size_t taken_in(const Slots& slots) {
  return static_cast<std::size_t>(
      std::ranges::count_if(slots, [](const auto& host) { return host.has_value(); }));
}

class PlacementDraft {
 public:
  PlacementDraft(const PlacementPool& pool, const PlacementRequest& request, PlacementExplanation* explain);

  /// A new attempt at a whole file, with this layout.
  void begin_file(const PlacedLayout& layout, std::uint32_t groups, bool needs_all_data_rule);
  /// The next group of it.  `primary`: for a secondary one.
  void begin_group(std::uint32_t number, std::uint64_t host_bytes, const std::vector<std::uint32_t>* primary);
  /// `hosts` are in the group that was begun.
  void end_group(const std::vector<std::uint32_t>& hosts);

  /// Fills the gaps of `slots`; false when some are left.
  bool fill(Slots& slots, const SoftRules& soft, std::uint32_t new_wanted);
  /// The same without chance: Hosts that stand in the way of fewest others first.
  bool fill_greedily(Slots& slots);
  /// How many new Hosts this group gets, drawn so that they get their share.
  std::uint32_t draw_new_wanted(std::size_t gaps);

  /// Why `host` cannot be in the group, by itself; beside what is in the group.
  std::optional<PlacementRule> rule_alone(std::uint32_t host) const;
  std::optional<PlacementRule> rule_beside(std::uint32_t host, const SoftRules& soft) const;
  void look_at(const Slots& slots);

 private:
  enum class Pick { established, new_hosts, both };
  std::optional<std::uint32_t> draw(Pick pick, const SoftRules& soft, std::uint32_t slot);
  std::optional<std::uint32_t> draw_by_tries(Pick pick, const SoftRules& soft, std::uint32_t slot);
  std::optional<std::uint32_t> draw_by_scan(Pick pick, const SoftRules& soft, std::uint32_t slot);
  std::uint64_t weight_in(Pick pick, std::uint32_t host) const;
  const std::vector<std::uint32_t>& qualified();
  void take(std::uint32_t host);
  void note(std::uint32_t slot, std::uint64_t value, std::uint64_t total, std::uint32_t host,
            std::optional<PlacementRule> rule);
  bool is_far(std::uint32_t host) const;
  bool is_sharing(std::uint32_t a, std::uint32_t b) const;

  const PlacementPool& pool_;
  const PlacementRequest& request_;
  PlacementExplanation* explain_;
  DrawStream stream_;
  std::vector<std::uint32_t> excluded_;  // sorted

  PlacedLayout layout_;
  std::uint32_t groups_ = 1;
  bool needs_all_data_rule_ = false;
  struct Given {
    std::uint32_t groups = 0;
    std::uint64_t bytes = 0;  // also of groups that it only stands in for
  };
  std::unordered_map<std::uint32_t, Given> given_;  // by Host, of this file

  std::uint32_t number_ = 0;
  std::uint64_t host_bytes_ = 0;
  const std::vector<std::uint32_t>* primary_ = nullptr;
  /// Whom no rule_alone() forbids, for groups of so many bytes; looked for when the first scan asks.
  std::vector<std::uint32_t> qualified_;
  std::optional<std::uint64_t> qualified_bytes_;
  std::vector<std::uint32_t> taken_;
  std::uint32_t new_taken_ = 0;
};

}  // namespace inxt::plan
