// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/placement.h"

#include <fmt/format.h>

#include <algorithm>

#include "plan/placement_draft.h"
#include "plan/placement_refusal.h"

namespace inxt::plan {
namespace {

constexpr int kFillsMax = 8;  // by chance, before the order is chosen

/// What each group of a file stores.
struct Extent {
  std::uint32_t shard_bytes = 0;
  std::uint64_t segments = 0;
  std::uint32_t groups = 0;
  std::uint64_t last_shard_bytes = 0;  // in the last segment

  std::uint64_t segments_of(std::uint32_t group) const {
    return segments / groups + (group < segments % groups);
  }
  std::uint64_t host_bytes(std::uint32_t group) const {
    const bool has_last = (segments - 1) % groups == group;
    return (segments_of(group) - has_last) * shard_bytes + (has_last ? last_shard_bytes : 0);
  }
};

class Placer {
 public:
  Placer(const PlacementPool& pool, const PlacementRequest& request, PlacementExplanation* explain)
      : pool_(pool), request_(request), draft_(pool, request, explain) {}

  std::expected<Placement, PlacementRefusal> place_with(const PlacedLayout& layout) {
    const Extent extent = extent_of(layout);
    if (extent.segments > kPlacedSegmentsMax)
      return refuse_usage(fmt::format("a file of {} bytes has more than {} segments (kPlacedSegmentsMax)",
                                      request_.bytes, kPlacedSegmentsMax));
    if (!request_.kept.empty() && extent.groups != 1)
      return refuse_usage("a group is repaired by itself: more than one was asked for");
    const bool has_several_data_shards = layout.k > 1 || extent.segments > 1;
    draft_.begin_file(layout, extent.groups,
                      layout.k == 1 && has_several_data_shards && request_.kept.empty());
    Placement placement{
        .layout = layout, .shard_bytes = extent.shard_bytes, .segments = extent.segments, .groups = {}};
    for (std::uint32_t number = 0; number < extent.groups; ++number) {
      PlacedGroup group;
      group.segments = extent.segments_of(number);
      group.host_bytes = extent.host_bytes(number);
      if (auto refusal = place_primary(layout, number, group)) return std::unexpected(std::move(*refusal));
      draft_.end_group(group.primary);
      placement.groups.push_back(std::move(group));
    }
    // Only then who stands in: no primary group lacks a Host for that.
    for (std::uint32_t number = 0; number < extent.groups && request_.wants_secondary; ++number) {
      PlacedGroup& group = placement.groups[number];
      place_secondary(layout, number, group);
      draft_.end_group(group.secondary);
    }
    return placement;
  }

  static std::unexpected<PlacementRefusal> refuse_usage(std::string what) {
    PlacementRefusal refusal;
    refusal.error = {Code::usage, std::move(what), {}};
    return std::unexpected(std::move(refusal));
  }

 private:
  Extent extent_of(const PlacedLayout& layout) const {
    Extent extent;
    extent.shard_bytes = placed_shard_bytes(layout, pool_.limits());
    const std::uint64_t segment_bytes = std::uint64_t{layout.k} * extent.shard_bytes;
    extent.segments =
        std::max<std::uint64_t>(1, request_.bytes / segment_bytes + (request_.bytes % segment_bytes != 0));
    const std::uint64_t last_bytes = request_.bytes - (extent.segments - 1) * segment_bytes;
    extent.last_shard_bytes =
        std::max<std::uint64_t>(16, ((last_bytes + layout.k - 1) / layout.k + 15) / 16 * 16);
    // With one group the Hosts of K = 1 would each have all data shards.
    const std::uint64_t least = layout.k == 1 && extent.segments > 1 ? 2 : 1;
    const std::uint64_t by_size = request_.bytes / kGroupBytes + (request_.bytes % kGroupBytes != 0);
    const std::uint64_t wished = std::max({least, by_size, std::uint64_t{request_.groups_min}});
    extent.groups =
        request_.kept.empty()
            ? static_cast<std::uint32_t>(std::min({wished, extent.segments, std::uint64_t{kPlacedGroupsMax}}))
            : 1;
    return extent;
  }

  /// How many Hosts of a group one place may have when there are `places`: twice its even part, so that
  /// places need not be equal, and three quarters of what may be lost at most, because when it fails some
  /// others may just be missing.  No rule where that is too few for a group.
  static std::uint32_t most_in_one(const PlacedLayout& layout, std::uint32_t places) {
    const std::uint32_t may_be = (3 * layout.spare() + 3) / 4;
    if (std::uint64_t{places} * may_be < layout.hosts()) return UINT32_MAX;
    return std::min(may_be, (2 * layout.hosts() + places - 1) / places);
  }

  SoftRules soft_rules(const PlacedLayout& layout) const {
    return {.other_group = true,
            .region_max = request_.near_region == 0 ? most_in_one(layout, pool_.regions()) : UINT32_MAX,
            .wide_network_max = most_in_one(layout, pool_.wide_networks()),
            .apart_from_primary = false};
  }

  std::optional<PlacementRefusal> place_primary(const PlacedLayout& layout, std::uint32_t number,
                                                PlacedGroup& group) {
    draft_.begin_group(number, group.host_bytes, nullptr);
    Slots start = request_.kept;
    start.resize(layout.hosts());
    const std::uint32_t new_wanted = draft_.draw_new_wanted(start.size() - taken_in(start));
    const SoftRules all = soft_rules(layout);
    Slots best = start;
    const auto try_fill = [&](const SoftRules& soft) {
      Slots slots = start;
      const bool is_full = draft_.fill(slots, soft, new_wanted);
      keep_larger(best, std::move(slots));
      return is_full;
    };
    SoftRules reusing = all, in_regions = all;
    reusing.other_group = false;
    in_regions.other_group = false;
    in_regions.wide_network_max = UINT32_MAX;
    bool is_full = try_fill(all) || try_fill(reusing) || try_fill(in_regions);
    for (int i = 0; i < kFillsMax && !is_full; ++i) is_full = try_fill({});
    if (!is_full) {
      Slots slots = start;
      is_full = draft_.fill_greedily(slots);
      keep_larger(best, std::move(slots));
    }
    if (!is_full) return refusal_of(layout, group.host_bytes, best);
    for (const auto& host : best) group.primary.push_back(*host);
    const auto is_spread = [&](auto of) {
      return std::ranges::all_of(group.primary, [&](std::uint32_t host) {
        const auto value = of(host);
        return value == 0 || std::ranges::count(group.primary, value, of) <= layout.spare();
      });
    };
    group.is_spread_by_region = is_spread([&](std::uint32_t host) { return pool_.candidate(host).region; });
    group.is_spread_by_wide_network =
        is_spread([&](std::uint32_t host) { return pool_.candidate(host).wide_network; });
    return std::nullopt;
  }

  void place_secondary(const PlacedLayout& layout, std::uint32_t number, PlacedGroup& group) {
    draft_.begin_group(number, group.host_bytes, &group.primary);
    SoftRules apart = soft_rules(layout);
    apart.apart_from_primary = true;
    SoftRules reusing = apart, only_apart{};
    reusing.other_group = false;
    only_apart.apart_from_primary = true;
    Slots best(layout.hosts());
    for (const SoftRules& soft : {apart, reusing, only_apart, SoftRules{}}) {
      Slots slots(layout.hosts());
      const bool is_full = draft_.fill(slots, soft, 0);
      const bool is_better = keep_larger(best, std::move(slots));
      if (is_better) group.is_secondary_apart = soft.apart_from_primary;
      if (is_full) break;
    }
    for (const auto& host : best)
      if (host) group.secondary.push_back(*host);
  }

  /// Whether `slots` has more Hosts than `best`, which it then is.
  static bool keep_larger(Slots& best, Slots slots) {
    if (taken_in(slots) <= taken_in(best)) return false;
    best = std::move(slots);
    return true;
  }

  PlacementRefusal refusal_of(const PlacedLayout& layout, std::uint64_t host_bytes, const Slots& best) {
    PlacementRefusal refusal;
    refusal.layout = layout;
    refusal.needed = layout.hosts();
    refusal.found = static_cast<std::uint32_t>(taken_in(best));
    refusal.host_bytes = host_bytes;
    refusal.hosts = pool_.size();
    draft_.look_at(best);
    for (std::uint32_t host = 0; host < pool_.size(); ++host) {
      auto rule = draft_.rule_beside(host, {});
      if (rule == PlacementRule::taken) continue;
      if (const auto alone = draft_.rule_alone(host)) rule = alone;
      ++refusal.removed[static_cast<std::size_t>(rule.value_or(PlacementRule::new_hosts))];
    }
    refusal.error = refusal_error(refusal, request_.allow);
    return refusal;
  }

  const PlacementPool& pool_;
  const PlacementRequest& request_;
  PlacementDraft draft_;
};

/// What is wrong with the request itself.
std::optional<std::string> usage_of(const PlacementPool& pool, const PlacementRequest& request) {
  if (request.nines > kNinesMax)
    return fmt::format("at most {} nines can be asked for (kNinesMax)", kNinesMax);
  if (request.groups_min > kPlacedGroupsMax)
    return fmt::format("at most {} groups can be asked for (kPlacedGroupsMax)", kPlacedGroupsMax);
  if (request.layout) {
    const PlacedLayout& layout = *request.layout;
    if (layout.k < 1 || layout.k > kPlacedShardsMax || layout.m > kPlacedShardsMax)
      return fmt::format("K is 1 to {0} and M 0 to {0} (kPlacedShardsMax)", kPlacedShardsMax);
    if (layout.mirrors < 1 || layout.mirrors > kPlacedMirrorsMax)
      return fmt::format("mirrors are 1 to {} (kPlacedMirrorsMax)", kPlacedMirrorsMax);
    if (layout.mirrors > 1 && layout.k + layout.m > 1) return "mirrors and K+M do not go together";
  }
  if (!request.kept.empty()) {
    if (!request.layout || request.kept.size() != request.layout->hosts())
      return "a repair names the layout, and for each of its shards a Host or a gap";
    if (std::ranges::any_of(request.kept, [&](const auto& host) { return host && *host >= pool.size(); }))
      return "a Host that is kept is none of the pool";
  }
  return std::nullopt;
}

void explain_hosts(const PlacementPool& pool, const PlacementRequest& request, const Placement* placement,
                   PlacementExplanation& explain) {
  for (std::uint32_t host = 0; host < pool.size(); ++host) {
    ExplainedHost& said = explain.hosts[host];
    said.sharing = pool.sharing(host);
    said.parts = weight_parts(pool.candidate(host), pool.limits(), said.sharing);
    said.weight = pool.weight(host);
    said.is_new = pool.is_new(host);
  }
  PlacementDraft draft(pool, request, nullptr);
  if (placement != nullptr) {
    for (std::uint32_t number = 0; number < placement->groups.size(); ++number) {
      const PlacedGroup& group = placement->groups[number];
      const auto mark = [&](const std::vector<std::uint32_t>& hosts, bool is_secondary) {
        for (std::uint32_t slot = 0; slot < hosts.size(); ++slot) {
          ExplainedHost& said = explain.hosts[hosts[slot]];
          if (said.group) continue;
          said.group = number;
          said.is_secondary = is_secondary;
          said.slot = slot;
        }
      };
      mark(group.primary, false);
      mark(group.secondary, true);
    }
    draft.begin_group(0, placement->groups[0].host_bytes, nullptr);
    draft.look_at(Slots(placement->groups[0].primary.begin(), placement->groups[0].primary.end()));
  }
  for (std::uint32_t host = 0; host < pool.size(); ++host) {
    ExplainedHost& said = explain.hosts[host];
    if (said.group) continue;
    said.rule = draft.rule_alone(host);
    if (!said.rule) said.rule = draft.rule_beside(host, {});
  }
}

}  // namespace

std::expected<Placement, PlacementRefusal> place(const PlacementPool& pool, const PlacementRequest& request,
                                                 PlacementExplanation* explain) {
  if (auto usage = usage_of(pool, request)) return Placer::refuse_usage(std::move(*usage));
  std::vector<PlacedLayout> layouts;
  if (request.layout) {
    layouts.push_back(*request.layout);
  } else {
    layouts = automatic_layouts(request.bytes, pool.independent(), request.nines, pool.limits());
    const auto least = hosts_needed_min(request.nines, pool.limits());
    if (!least)
      return Placer::refuse_usage(fmt::format("not even {} mirrors survive with {} nines (kPlacedMirrorsMax)",
                                              kPlacedMirrorsMax, request.nines));
    if (layouts.empty()) layouts.push_back({.k = 1, .m = 0, .mirrors = *least});  // to say what is missing
  }
  if (explain != nullptr) {
    explain->draws.clear();
    explain->hosts.assign(pool.size(), {});
  }
  Placer placer(pool, request, explain);
  auto placed = placer.place_with(layouts.front());
  for (std::size_t i = 1; i < layouts.size() && !placed && placed.error().error.code != Code::usage; ++i)
    placed = placer.place_with(layouts[i]);
  if (explain != nullptr) explain_hosts(pool, request, placed ? &*placed : nullptr, *explain);
  return placed;
}

}  // namespace inxt::plan
