// SPDX-License-Identifier: AGPL-3.0-or-later
#include "placement/year.h"

#include <algorithm>

#include "base/check.h"

namespace inxt::placement {
namespace {

constexpr std::uint32_t kIdentitiesDay = 30;

plan::PlacementLimits limits_of(std::uint64_t piece_bytes) {
  plan::PlacementLimits limits;
  // One placement is one segment, whose shards stand for a group's share of a file.
  limits.shard_bytes_max = static_cast<std::uint32_t>(piece_bytes);
  limits.segment_memory_bytes = UINT64_MAX;
  return limits;
}

}  // namespace

Year::Year(const YearOptions& options)
    : options_(options),
      maker_(options.seed, options.hosts),
      random_(options.seed + 1),
      seeds_(options.seed + 2),
      pool_(limits_of(options.piece_bytes)) {
  const std::uint64_t segments = options.pieces / options.layout.hosts();
  places_.reserve(segments * options.layout.hosts());
  lost_.reserve(segments);
}

Result<void> Year::join(std::uint32_t day, bool is_established, bool is_identity) {
  Host host;
  host.truth = maker_.make();
  host.joined_day = day;
  if (is_established) {  // holds files of earlier years
    auto& truth = host.truth;
    truth.audits_passed = pool_.limits().new_audits;
    host.first_bytes = truth.placed_bytes = truth.proved_bytes = truth.capacity_bytes / 5;
    truth.free_bytes -= truth.placed_bytes;
  }
  if (is_identity) {
    host.is_identity = true;
    host.truth.operator_group = host.truth.domain = 0;
    host.truth.network = UINT64_MAX;
    host.truth.wide_network = UINT64_MAX;
    host.truth.capacity_bytes = host.truth.free_bytes = std::uint64_t{1} << 50;
    host.truth.up_bytes_per_s = host.truth.down_bytes_per_s = 100'000'000;
    host.truth.uptime_ppm = host.truth.standing_ppm = plan::kMillion;
  }
  hosts_.push_back(std::move(host));
  return heartbeat(hosts() - 1);
}

Result<void> Year::heartbeat(std::uint32_t index) {
  Host& host = hosts_[index];
  host.is_changed = false;
  plan::Candidate known = host.truth;
  if (!options_.knows_groups)
    known.operator_group = known.domain = known.region = 0, known.network = known.wide_network = 0;
  return pool_.set(index, known);
}

std::uint32_t Year::alive(std::uint64_t segment) const {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(places(segment), [&](std::uint32_t index) { return !hosts_[index].is_gone; }));
}

void Year::leave(std::uint32_t index) {
  hosts_[index].is_gone = true;
  hosts_[index].truth.takes_pieces = false;
  ++left_;
  for (const std::uint32_t segment : hosts_[index].segments)
    if (!lost_[segment] && alive(segment) < options_.layout.hosts() - options_.layout.spare()) {
      lost_[segment] = true;
      ++lost_count_;
    }
}

void Year::give(std::uint32_t index, std::uint64_t segment) {
  Host& host = hosts_[index];
  host.segments.push_back(static_cast<std::uint32_t>(segment));
  host.truth.placed_bytes += options_.piece_bytes;
  host.truth.free_bytes -= std::min(host.truth.free_bytes, options_.piece_bytes);
  host.is_changed = true;
  if (host.is_identity) ++given_to_identities_;
}

Result<void> Year::place_one() {
  plan::PlacementRequest request;
  request.seed = seeds_.bytes<32>();
  request.bytes = options_.layout.k * options_.piece_bytes;
  request.layout = options_.layout;
  request.wants_secondary = false;
  const auto placement = plan::place(pool_, request);
  if (!placement) return std::unexpected(placement.error().error);
  const auto& group = placement->groups.at(0);
  spread_by_region_ += group.is_spread_by_region;
  lost_.push_back(false);
  for (const std::uint32_t index : group.primary) {
    places_.push_back(index);
    give(index, segments_);
  }
  ++segments_;
  return {};
}

Result<void> Year::repair(std::uint32_t index) {
  for (const std::uint32_t segment : std::exchange(hosts_[index].segments, {})) {
    if (lost_[segment]) continue;
    const auto places =
        std::span(places_).subspan(std::uint64_t{segment} * options_.layout.hosts(), options_.layout.hosts());
    if (std::ranges::find(places, index) == places.end()) continue;  // repaired with another
    plan::PlacementRequest request;
    request.seed = seeds_.bytes<32>();
    request.bytes = options_.layout.k * options_.piece_bytes;
    request.layout = options_.layout;
    request.wants_secondary = false;
    for (const std::uint32_t each : places)
      request.kept.push_back(hosts_[each].is_gone ? std::nullopt : std::optional(each));
    const auto placement = plan::place(pool_, request);
    if (!placement) return std::unexpected(placement.error().error);
    for (std::size_t slot = 0; slot < places.size(); ++slot)
      if (!request.kept[slot]) {
        places[slot] = placement->groups.at(0).primary[slot];
        give(places[slot], segment);
        ++repaired_;
      }
  }
  return {};
}

Result<void> Year::run() {
  for (std::uint32_t i = 0; i < options_.hosts; ++i) TRY(join(0, true, false));
  const std::uint64_t segments_max = options_.pieces / options_.layout.hosts();
  const std::uint64_t loss_ppm_a_day = pool_.limits().host_loss_ppm_a_year / kDays;
  std::size_t next_repair = 0;
  for (std::uint32_t day = 0; day < kDays; ++day) {
    for (std::uint32_t index = 0, end = hosts(); index < end; ++index) {
      if (hosts_[index].is_gone) continue;
      auto& truth = hosts_[index].truth;
      if (!hosts_[index].is_identity && random_() % plan::kMillion < loss_ppm_a_day) {
        leave(index);
        TRY(heartbeat(index));
        to_repair_.emplace_back(day + pool_.limits().repair_days, index);
        TRY(join(day, false, false));
        continue;
      }
      // The day's audit: whoever has what it was given proves it.  The identities have thrown it away.
      const bool was_new = truth.audits_passed < pool_.limits().new_audits;
      if (!hosts_[index].is_identity) {
        if (was_new && day > hosts_[index].joined_day) ++truth.audits_passed;
        truth.proved_bytes = truth.placed_bytes;
      }
      if (hosts_[index].is_changed || was_new) TRY(heartbeat(index));
    }
    if (day == kIdentitiesDay)
      for (std::uint32_t i = 0; i < options_.identities; ++i) TRY(join(day, false, true));
    for (; next_repair < to_repair_.size() && to_repair_[next_repair].first <= day; ++next_repair)
      TRY(repair(to_repair_[next_repair].second));
    while (segments_ < segments_max * (day + 1) / kDays) TRY(place_one());
  }
  return {};
}

}  // namespace inxt::placement
