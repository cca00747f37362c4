// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/placement_draft.h"

#include <algorithm>
#include <tuple>

namespace inxt::plan {
namespace {

constexpr int kTriesMax = 64;         // before all Hosts are looked at
constexpr std::uint64_t kNearer = 4;  // what a Host of near_region counts more

}  // namespace

PlacementDraft::PlacementDraft(const PlacementPool& pool, const PlacementRequest& request,
                               PlacementExplanation* explain)
    : pool_(pool), request_(request), explain_(explain), stream_(request.seed), excluded_(request.excluded) {
  std::ranges::sort(excluded_);
}

void PlacementDraft::begin_file(const PlacedLayout& layout, std::uint32_t groups, bool needs_all_data_rule) {
  layout_ = layout;
  groups_ = groups;
  needs_all_data_rule_ = needs_all_data_rule;
  given_.clear();
}

void PlacementDraft::begin_group(std::uint32_t number, std::uint64_t host_bytes,
                                 const std::vector<std::uint32_t>* primary) {
  number_ = number;
  host_bytes_ = host_bytes;
  primary_ = primary;
}

void PlacementDraft::end_group(const std::vector<std::uint32_t>& hosts) {
  if (groups_ == 1) return;
  for (const std::uint32_t host : hosts) {
    Given& given = given_[host];
    ++given.groups;
    given.bytes += host_bytes_;
  }
}

void PlacementDraft::look_at(const Slots& slots) {
  taken_.clear();
  new_taken_ = 0;
  for (const auto& host : slots)
    if (host) take(*host);
}

void PlacementDraft::take(std::uint32_t host) {
  taken_.push_back(host);
  if (pool_.is_new(host)) ++new_taken_;
}

bool PlacementDraft::is_far(std::uint32_t host) const {
  return request_.near_region != 0 && pool_.candidate(host).region != request_.near_region;
}

bool PlacementDraft::is_sharing(std::uint32_t a, std::uint32_t b) const {
  return std::ranges::any_of(kSharedKinds, [&](Shared kind) { return pool_.is_shared(kind, a, b); });
}

std::optional<PlacementRule> PlacementDraft::rule_alone(std::uint32_t host) const {
  const auto& candidate = pool_.candidate(host);
  if (!candidate.takes_pieces) return PlacementRule::away;
  if (pool_.room_bytes(host) < host_bytes_) return PlacementRule::room;
  if (std::ranges::binary_search(excluded_, host)) return PlacementRule::excluded;
  if (pool_.weight(host) > 0) return std::nullopt;
  if (candidate.uptime_ppm <= pool_.limits().uptime_ppm_min) return PlacementRule::uptime;
  return pool_.room_bytes(host) < kRoomStepBytes ? PlacementRule::room : PlacementRule::standing;
}

std::optional<PlacementRule> PlacementDraft::rule_beside(std::uint32_t host, const SoftRules& soft) const {
  const auto& candidate = pool_.candidate(host);
  if (std::ranges::find(taken_, host) != taken_.end()) return PlacementRule::taken;
  std::uint32_t in_region = 0, in_wide_network = 0;
  for (const std::uint32_t other : taken_) {
    if (!request_.allow.operator_group && pool_.is_shared(Shared::operator_group, host, other))
      return PlacementRule::operator_group;
    if (!request_.allow.network && pool_.is_shared(Shared::network, host, other))
      return PlacementRule::network;
    if (!request_.allow.domain && pool_.is_shared(Shared::domain, host, other)) return PlacementRule::domain;
    in_region += pool_.candidate(other).region == candidate.region;
    in_wide_network += pool_.candidate(other).wide_network == candidate.wide_network;
  }
  if (primary_ != nullptr) {
    if (std::ranges::find(*primary_, host) != primary_->end()) return PlacementRule::primary;
    if (soft.apart_from_primary &&
        std::ranges::any_of(*primary_, [&](std::uint32_t other) { return is_sharing(host, other); }))
      return PlacementRule::primary;
  }
  if (const auto found = given_.find(host); found != given_.end()) {
    const Given& given = found->second;
    if (pool_.room_bytes(host) < host_bytes_ + given.bytes) return PlacementRule::room;
    if (needs_all_data_rule_ && given.groups + 1 >= groups_) return PlacementRule::all_data;
    if (soft.other_group) return PlacementRule::other_group;
  }
  if (candidate.region != 0 && in_region >= soft.region_max) return PlacementRule::region;
  if (candidate.wide_network != 0 && in_wide_network >= soft.wide_network_max)
    return PlacementRule::wide_network;
  return std::nullopt;
}

std::uint64_t PlacementDraft::weight_in(Pick pick, std::uint32_t host) const {
  if (pick != Pick::both && pool_.is_new(host) != (pick == Pick::new_hosts)) return 0;
  return pool_.weight(host);
}

void PlacementDraft::note(std::uint32_t slot, std::uint64_t value, std::uint64_t total, std::uint32_t host,
                          std::optional<PlacementRule> rule) {
  if (explain_ == nullptr) return;
  ++explain_->hosts[host].times_drawn;
  if (explain_->draws.size() >= kExplainedDrawsMax) return;
  explain_->draws.push_back({.group = number_,
                             .is_secondary = primary_ != nullptr,
                             .slot = slot,
                             .value = value,
                             .total = total,
                             .host = host,
                             .rule = rule});
}

// Draws from all and passes over who does not qualify: the same chances as a draw from those who do, without
// looking for them.
std::optional<std::uint32_t> PlacementDraft::draw_by_tries(Pick pick, const SoftRules& soft,
                                                           std::uint32_t slot) {
  const WeightedTree& first = pool_.tree(pick == Pick::new_hosts);
  const WeightedTree& second = pool_.tree(true);
  const std::uint64_t total = first.total() + (pick == Pick::both ? second.total() : 0);
  if (total == 0) return std::nullopt;
  for (int i = 0; i < kTriesMax; ++i) {
    const std::uint64_t value = stream_.below(total);
    const auto host = static_cast<std::uint32_t>(value < first.total() ? first.find(value)
                                                                       : second.find(value - first.total()));
    auto rule = rule_alone(host);
    if (!rule) rule = rule_beside(host, soft);
    if (!rule && is_far(host) && stream_.below(kNearer) != 0) rule = PlacementRule::far;
    note(slot, value, total, host, rule);
    if (!rule) return host;
  }
  return std::nullopt;
}

const std::vector<std::uint32_t>& PlacementDraft::qualified() {
  if (qualified_bytes_ == host_bytes_) return qualified_;
  qualified_.clear();
  for (std::uint32_t host = 0; host < pool_.size(); ++host)
    if (!rule_alone(host)) qualified_.push_back(host);
  qualified_bytes_ = host_bytes_;
  return qualified_;
}

std::optional<std::uint32_t> PlacementDraft::draw_by_scan(Pick pick, const SoftRules& soft,
                                                          std::uint32_t slot) {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> left;  // who qualifies, and the sum up to it
  std::uint64_t total = 0;
  for (const std::uint32_t host : qualified()) {
    const std::uint64_t weight = weight_in(pick, host);
    if (weight == 0 || rule_beside(host, soft)) continue;
    total += is_far(host) ? weight : weight * (request_.near_region != 0 ? kNearer : 1);
    left.emplace_back(host, total);
  }
  if (total == 0) return std::nullopt;
  const std::uint64_t value = stream_.below(total);
  const std::uint32_t host =
      std::ranges::upper_bound(left, value, {}, [](const auto& each) { return each.second; })->first;
  note(slot, value, total, host, std::nullopt);
  return host;
}

std::optional<std::uint32_t> PlacementDraft::draw(Pick pick, const SoftRules& soft, std::uint32_t slot) {
  if (const auto host = draw_by_tries(pick, soft, slot)) return host;
  return draw_by_scan(pick, soft, slot);
}

std::uint32_t PlacementDraft::draw_new_wanted(std::size_t gaps) {
  const std::uint64_t of_new = pool_.tree(true).total(), all = of_new + pool_.tree(false).total();
  if (request_.allow.new_hosts || of_new == 0 || layout_.spare() == 0) return 0;
  // No more than their weight would give them, as if they were not new.
  const auto by_weight = static_cast<std::uint64_t>(static_cast<unsigned __int128>(of_new) * kMillion / all);
  const std::uint64_t wanted_ppm = gaps * std::min<std::uint64_t>(by_weight, pool_.limits().new_share_ppm);
  const std::uint64_t wanted =
      wanted_ppm / kMillion + (stream_.below(kMillion) < wanted_ppm % kMillion ? 1 : 0);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, pool_.limits().new_per_group_max));
}

bool PlacementDraft::fill(Slots& slots, const SoftRules& soft, std::uint32_t new_wanted) {
  look_at(slots);
  const std::uint32_t new_max = layout_.spare() == 0 ? 0 : pool_.limits().new_per_group_max;
  std::size_t gaps = slots.size() - taken_in(slots);
  for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
    if (slots[slot]) continue;
    std::optional<std::uint32_t> host;
    if (request_.allow.new_hosts) {
      host = draw(Pick::both, soft, slot);
    } else {
      // New Hosts get the last gaps: parity, and mirrors that are read last.
      if (gaps <= new_wanted && new_taken_ < new_max) host = draw(Pick::new_hosts, soft, slot);
      if (!host) host = draw(Pick::established, soft, slot);
      if (!host && new_taken_ < new_max) host = draw(Pick::new_hosts, soft, slot);
    }
    if (!host) return false;
    slots[slot] = host;
    take(*host);
    --gaps;
  }
  return true;
}

bool PlacementDraft::fill_greedily(Slots& slots) {
  look_at(slots);
  std::vector<std::tuple<std::uint64_t, std::uint64_t, std::uint32_t>>
      left;  // in the way of, lightness, Host
  for (const std::uint32_t host : qualified()) {
    if (rule_beside(host, {})) continue;
    std::uint64_t in_the_way = 0;
    for (const Shared kind : kSharedKinds) in_the_way += pool_.sharing(kind, host);
    left.emplace_back(in_the_way, ~pool_.weight(host), host);
  }
  std::ranges::sort(left);
  const std::uint32_t new_max = layout_.spare() == 0 ? 0 : pool_.limits().new_per_group_max;
  auto next = left.begin();
  for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
    if (slots[slot]) continue;
    for (; next != left.end(); ++next) {
      const std::uint32_t host = std::get<2>(*next);
      if (rule_beside(host, {})) continue;
      if (pool_.is_new(host) && !request_.allow.new_hosts && new_taken_ >= new_max) continue;
      note(slot, 0, 0, host, std::nullopt);
      slots[slot] = host;
      take(host);
      break;
    }
    if (!slots[slot]) return false;
  }
  return true;
}

}  // namespace inxt::plan
