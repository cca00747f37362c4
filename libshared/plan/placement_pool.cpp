// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/placement_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace inxt::plan {
namespace {

using U128 = unsigned __int128;

std::uint64_t key_of(const Candidate& candidate, std::size_t kind) {
  switch (kSharedKinds[kind]) {
    case Shared::operator_group:
      return candidate.operator_group;
    case Shared::network:
      return candidate.network;
    case Shared::domain:
      return candidate.domain;
  }
  return 0;
}

std::uint32_t speed_of(std::uint64_t bytes_per_s) {
  constexpr std::uint64_t kSlowest = 128 * 1024;
  return 8 + std::min<std::uint32_t>(8, static_cast<std::uint32_t>(std::bit_width(bytes_per_s / kSlowest)));
}

std::uint32_t closeness_of(std::uint32_t rtt_ms) {
  constexpr std::uint32_t kNearMs = 50;
  return 16 - std::min<std::uint32_t>(8, 2 * static_cast<std::uint32_t>(std::bit_width(rtt_ms / kNearMs)));
}

std::uint32_t standing_of(const Candidate& candidate, const PlacementLimits& limits) {
  const std::uint64_t uptime = std::min(candidate.uptime_ppm, kMillion);
  const std::uint64_t least = std::min(limits.uptime_ppm_min, kMillion - 1);
  if (uptime <= least) return 0;
  const std::uint64_t above = (uptime - least) * kMillion / (kMillion - least);
  const std::uint64_t standing = std::min(candidate.standing_ppm, kMillion);
  return static_cast<std::uint32_t>(standing * standing / kMillion * above / kMillion * 65'536 / kMillion);
}

}  // namespace

std::uint64_t believed_room_bytes(const Candidate& candidate, const PlacementLimits& limits,
                                  std::uint32_t sharing) {
  const U128 credit = U128{limits.room_multiple} * std::min(candidate.proved_bytes, candidate.placed_bytes) +
                      limits.room_unproved_bytes / sharing;
  if (credit <= candidate.placed_bytes) return 0;
  return static_cast<std::uint64_t>(std::min<U128>(candidate.free_bytes, credit - candidate.placed_bytes));
}

std::uint64_t WeightParts::weight() const {
  const std::uint64_t parts = room * speed * close;
  if (parts == 0 || standing == 0) return 0;
  return std::max<std::uint64_t>(1, parts * standing >> 16);
}

WeightParts weight_parts(const Candidate& candidate, const PlacementLimits& limits, std::uint32_t sharing) {
  return {.room = std::min(believed_room_bytes(candidate, limits, sharing) / kRoomStepBytes, kRoomStepsMax),
          .speed = speed_of(std::min(candidate.up_bytes_per_s, candidate.down_bytes_per_s)),
          .close = closeness_of(candidate.rtt_ms),
          .standing = standing_of(candidate, limits)};
}

Result<PlacementPool> PlacementPool::make(std::span<const Candidate> candidates,
                                          const PlacementLimits& limits) {
  PlacementPool pool(limits);
  for (std::size_t i = 0; i < candidates.size(); ++i) TRY(pool.set(i, candidates[i]));
  return pool;
}

Result<void> PlacementPool::set(std::size_t index, const Candidate& candidate) {
  CHECK_BUG(index <= hosts_.size());
  if (index >= kPoolHostsMax)
    return fail(Code::usage, fmt::format("more than {} Hosts to place with (kPoolHostsMax)", kPoolHostsMax));
  const auto at = static_cast<std::uint32_t>(index);
  const bool is_added = index == hosts_.size();
  if (is_added) {
    hosts_.emplace_back();
    established_.push_back(0);
    new_.push_back(0);
  } else {
    count(at, false);
  }
  const auto groups_before = hosts_[index].groups;
  const bool was_live = hosts_[index].is_live, was_new = is_new(index);
  const Candidate before = std::exchange(hosts_[index].candidate, candidate);
  for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
    const std::uint64_t old_key = key_of(before, kind), key = key_of(candidate, kind);
    if (old_key == key) continue;
    if (old_key != 0) leave(kind, at, old_key);
    if (key != 0) join(kind, at, key);
  }
  Host& host = hosts_[index];
  host.is_live =
      candidate.takes_pieces && candidate.free_bytes >= kRoomStepBytes && standing_of(candidate, limits_) > 0;
  count(at, true);
  reweigh(at);
  const bool is_other = was_live != host.is_live || was_new != is_new(index);
  for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
    if (groups_before[kind] == host.groups[kind] && !is_other) continue;
    reweigh_group(kind, groups_before[kind]);
    if (groups_before[kind] != host.groups[kind]) reweigh_group(kind, host.groups[kind]);
  }
  return {};
}

void PlacementPool::reweigh(std::uint32_t index) {
  Host& host = hosts_[index];
  const std::uint32_t others = sharing(index);
  host.room_bytes = believed_room_bytes(host.candidate, limits_, others);
  const std::uint64_t weight = host.is_live ? weight_parts(host.candidate, limits_, others).weight() : 0;
  established_.set(index, is_new(index) ? 0 : weight);
  new_.set(index, is_new(index) ? weight : 0);
}

void PlacementPool::reweigh_group(std::size_t kind, std::uint32_t group) {
  if (group == kAlone) return;
  for (const std::uint32_t member : kinds_[kind].groups[group].members) reweigh(member);
}

void PlacementPool::join(std::size_t kind, std::uint32_t index, std::uint64_t key) {
  Groups& groups = kinds_[kind];
  const auto [found, is_added] = groups.by_key.try_emplace(key, 0);
  if (is_added && groups.unused.empty()) {
    found->second = static_cast<std::uint32_t>(groups.groups.size());
    groups.groups.emplace_back();
  } else if (is_added) {
    found->second = groups.unused.back();
    groups.unused.pop_back();
  }
  auto& members = groups.groups[found->second].members;
  hosts_[index].groups[kind] = found->second;
  hosts_[index].at[kind] = static_cast<std::uint32_t>(members.size());
  members.push_back(index);
}

void PlacementPool::leave(std::size_t kind, std::uint32_t index, std::uint64_t key) {
  Groups& groups = kinds_[kind];
  Host& host = hosts_[index];
  auto& members = groups.groups[host.groups[kind]].members;
  const std::uint32_t last = members.back();
  members[host.at[kind]] = last;
  hosts_[last].at[kind] = host.at[kind];
  members.pop_back();
  if (members.empty()) {
    groups.groups[host.groups[kind]] = Group{};
    groups.unused.push_back(host.groups[kind]);
    groups.by_key.erase(key);
  }
  host.groups[kind] = kAlone;
}

void PlacementPool::count(std::uint32_t index, bool is_coming) {
  const Host& host = hosts_[index];
  if (!host.is_live) return;
  const auto change = [&](std::uint32_t& number) { is_coming ? ++number : --number; };
  change(live_);
  if (!is_new(index)) {
    is_coming ? regions_.add(host.candidate.region) : regions_.remove(host.candidate.region);
    is_coming ? wide_networks_.add(host.candidate.wide_network)
              : wide_networks_.remove(host.candidate.wide_network);
  }
  for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
    Groups& groups = kinds_[kind];
    if (host.groups[kind] == kAlone) {
      change(groups.live_alone);
      continue;
    }
    auto& live = groups.groups[host.groups[kind]].live;
    if (live[0] + live[1] == (is_coming ? 0U : 1U)) change(groups.live);
    change(live[is_new(index)]);
  }
}

void PlacementPool::Counts::add(std::uint64_t key) {
  key == 0 ? ++unknown : ++of[key];
}

void PlacementPool::Counts::remove(std::uint64_t key) {
  if (key == 0) {
    --unknown;
  } else if (const auto found = of.find(key); --found->second == 0) {
    of.erase(found);
  }
}

std::uint32_t PlacementPool::sharing(std::size_t index) const {
  std::uint32_t most = 1;
  for (std::size_t kind = 0; kind < kinds_.size(); ++kind)
    if (const std::uint32_t group = hosts_[index].groups[kind]; group != kAlone)
      most = std::max(most, kinds_[kind].groups[group].live[is_new(index)]);
  return most;
}

std::uint32_t PlacementPool::sharing(Shared kind, std::size_t index) const {
  const auto number = static_cast<std::size_t>(kind);
  const std::uint32_t group = hosts_[index].groups[number];
  return group == kAlone ? 1 : kinds_[number].groups[group].live[0] + kinds_[number].groups[group].live[1];
}

std::uint32_t PlacementPool::independent() const {
  std::uint32_t least = live_;
  for (const Groups& groups : kinds_) least = std::min(least, groups.live + groups.live_alone);
  return least;
}

}  // namespace inxt::plan
