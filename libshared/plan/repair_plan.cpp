// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/repair_plan.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/check.h"
#include "plan/repair_margin.h"

namespace inxt::plan {
namespace {

constexpr std::size_t kPlacesMax = std::size_t{2} * kPlacedShardsMax * kPlacedMirrorsMax;

std::int64_t minutes(std::int64_t seconds) {
  return std::max<std::int64_t>(seconds / 60, 1);  // 0 is none
}

}  // namespace

BucketRate RepairPlan::rate() const {
  return {.bytes_per_s = limits_.bytes_per_day / 86400, .burst_bytes = limits_.burst_bytes};
}

Result<std::uint32_t> RepairPlan::add_segment(const SegmentKind& kind, std::span<const std::uint32_t> hosts) {
  const auto segment = segments_.add(kind, hosts);
  if (segment)
    for (const std::uint32_t host : hosts) watch_.holds_pieces(host);
  return segment;
}

void RepairPlan::remove_segment(std::uint32_t segment) {
  if (!segments_.contains(segment)) return;
  if (repaired_now_.contains(segment))
    for (const auto& [number, each] : under_way_)
      if (each.segment == segment) {
        end(number);
        break;
      }
  queue_.remove(segment);
  unreadable_.erase(segment);
  std::erase_if(releases_, [segment](const Release& each) { return each.segment == segment; });
  std::erase_if(held_, [segment](const auto& each) { return each.second.segment == segment; });
  for (auto& [host, replaced] : replaced_)
    std::erase_if(replaced, [segment](const Replaced& each) { return each.segment == segment; });
  segments_.remove(segment);
}

RepairPlan::Look RepairPlan::look(std::uint32_t segment) const {
  const auto pieces = segments_.pieces(segment);
  const auto& layout = segments_.kind(segment).layout;
  Look look;
  std::array<bool, kPlacesMax> counted, staying, reachable;
  for (std::uint32_t place = 0; place < pieces.size(); ++place) {
    const auto piece = pieces[place];
    counted[place] = is_counted(piece);
    const bool leaves = counted[place] && watch_.is_leaving(piece.host);
    staying[place] = counted[place] && !leaves;
    reachable[place] = counted[place] && watch_.is_reachable(piece.host);
    if (!counted[place]) look.missing.push_back(place);
    if (leaves) look.leaving.push_back(place);
  }
  look.margin = margin_of(layout, std::span(counted).first(pieces.size()));
  look.margin_then = margin_of(layout, std::span(staying).first(pieces.size()));
  look.margin_reachable = margin_of(layout, std::span(reachable).first(pieces.size()));
  return look;
}

/// Whether the segment is due, and how urgently.
void RepairPlan::judge(std::uint32_t segment, std::int64_t now_s) {
  const Look now = look(segment);
  if (now.missing.empty()) {
    segments_.set_lacking_min(segment, 0);
  } else if (segments_.lacking_min(segment) == 0) {
    segments_.set_lacking_min(segment, static_cast<std::uint32_t>(minutes(now_s)));
    patience_.emplace(minutes(now_s) * 60 + limits_.patience_s, segment);
  }
  if (repaired_now_.contains(segment)) return;  // looked at again when that ends
  const bool is_patience_over =
      !now.missing.empty() && now_s >= std::int64_t{segments_.lacking_min(segment)} * 60 + limits_.patience_s;
  const bool is_due = !now.leaving.empty() ||
                      (!now.missing.empty() &&
                       (now.margin <= repair_margin(segments_.kind(segment).layout) || is_patience_over));
  if (now.margin < 0) {
    unreadable_.insert(segment);
    queue_.remove(segment);
  } else {
    unreadable_.erase(segment);
    if (is_due) {
      queue_.put(segment, {.margin = now.margin, .margin_then = now.margin_then, .since_s = now_s});
    } else {
      queue_.remove(segment);
    }
  }
}

void RepairPlan::judge_all_of(std::uint32_t host, std::int64_t now_s) {
  for (const std::uint32_t segment : segments_.segments_of(host)) judge(segment, now_s);
}

void RepairPlan::heard(std::uint32_t host, std::int64_t now_s) {
  if (!watch_.heard(host, now_s)) return;
  checks_.insert(host);
  judge_all_of(host, now_s);
}

void RepairPlan::leaving(std::uint32_t host, std::int64_t until_s, std::int64_t now_s) {
  watch_.leaving(host, until_s);
  judge_all_of(host, now_s);
}

void RepairPlan::check_passed(std::uint32_t host, std::int64_t now_s) {
  checks_.erase(host);
  watch_.check_passed(host);
  if (watch_.state(host) != HostState::good) return;
  const auto at = replaced_.find(host);
  if (at == replaced_.end()) return;
  const auto surplus = std::move(at->second);
  replaced_.erase(at);
  for (const Replaced& each : surplus) settle(host, each, now_s);
}

void RepairPlan::pieces_lost(std::uint32_t host, std::int64_t now_s) {
  replaced_.erase(host);
  for (const std::uint32_t segment : segments_.segments_of(host)) {
    const auto pieces = segments_.pieces(segment);
    for (std::uint32_t place = 0; place < pieces.size(); ++place)
      if (pieces[place].host == host) segments_.set_lost(segment, place);
    judge(segment, now_s);
  }
  check_passed(host, now_s);  // what it gets from now on counts
}

void RepairPlan::lying(std::uint32_t host, std::int64_t now_s) {
  pieces_lost(host, now_s);
  watch_.lying(host);
}

void RepairPlan::piece_lost(std::uint32_t segment, std::uint32_t place, std::uint32_t host,
                            std::int64_t now_s) {
  if (!segments_.contains(segment)) return;
  const auto pieces = segments_.pieces(segment);
  if (place >= pieces.size()) return;
  if (pieces[place].host != host) {  // another has it by now
    if (const auto surplus = replaced_.find(host); surplus != replaced_.end())
      std::erase_if(surplus->second,
                    [&](const Replaced& each) { return each.segment == segment && each.place == place; });
    return;
  }
  segments_.set_lost(segment, place);
  judge(segment, now_s);
}

void RepairPlan::piece_found(std::uint32_t segment, std::uint32_t place, std::uint32_t host,
                             std::int64_t now_s) {
  if (!segments_.contains(segment) || place >= segments_.pieces(segment).size()) return;
  const auto piece = segments_.pieces(segment)[place];
  if (piece.host != host || piece.is_lost == 0) return;
  segments_.set_host(segment, place, host);
  judge(segment, now_s);
}

void RepairPlan::also_at(std::uint32_t segment, std::uint32_t place, std::uint32_t host) {
  if (!segments_.contains(segment) || place >= segments_.pieces(segment).size()) return;
  replaced_[host].push_back({.segment = segment, .place = place});
  if (watch_.is_reachable(host)) checks_.insert(host);
}

std::vector<RepairPlan::Surplus> RepairPlan::surplus_of(std::uint32_t host) const {
  const auto at = replaced_.find(host);
  return at == replaced_.end() ? std::vector<Surplus>{} : at->second;
}

bool RepairPlan::may_stand(std::uint32_t host, std::uint32_t segment, std::uint32_t place) const {
  const auto pieces = segments_.pieces(segment);
  for (std::uint32_t other = 0; other < pieces.size(); ++other) {
    if (other == place) continue;
    if (pieces[other].host == host) return false;
    for (const Shared kind : kSharedKinds)
      if (pool_.is_shared(kind, host, pieces[other].host)) return false;
  }
  return true;
}

RepairPlan::Release RepairPlan::release_of(std::uint32_t host, Replaced piece) const {
  const auto cost = release_costs_.find(host);
  return {.cost = cost == release_costs_.end() ? 0 : cost->second,
          .room_bytes = pool_.room_bytes(host),
          .host = host,
          .segment = piece.segment,
          .place = piece.place};
}

/// `host` and the one that got the place both have the piece: one lets it go.
void RepairPlan::settle(std::uint32_t host, Replaced surplus, std::int64_t now_s) {
  if (!segments_.contains(surplus.segment)) return;
  const auto piece = segments_.pieces(surplus.segment)[surplus.place];
  if (piece.host == host || watch_.state(host) == HostState::lying) return;
  if (const auto state = watch_.state(host); state == HostState::missing || state == HostState::returning) {
    replaced_[host].push_back(surplus);  // until it has passed its check
    return;
  }
  const bool stays = !watch_.is_leaving(host) && may_stand(host, surplus.segment, surplus.place);
  if (!is_counted(piece)) {
    // The one that was to stand in for it is gone itself.
    if (piece.is_lost == 0 && watch_.state(piece.host) == HostState::missing)
      replaced_[piece.host].push_back(surplus);
    segments_.set_host(surplus.segment, surplus.place, host);
    judge(surplus.segment, now_s);
    return;
  }
  const Release of_old = release_of(host, surplus), of_other = release_of(piece.host, surplus);
  if (stays && watch_.state(host) == HostState::good && of_other < of_old) {
    segments_.set_host(surplus.segment, surplus.place, host);
    releases_.insert(of_other);
    judge(surplus.segment, now_s);
  } else {
    releases_.insert(of_old);
  }
}

void RepairPlan::end(std::uint64_t number) {
  const auto at = under_way_.find(number);
  waits_.erase({at->second.until_s, number});
  repaired_now_.erase(at->second.segment);
  under_way_.erase(at);
}

bool RepairPlan::rebuilt(std::uint64_t number, std::span<const std::uint32_t> hosts,
                         std::uint64_t moved_bytes, std::int64_t now_s) {
  const auto at = under_way_.find(number);
  if (at == under_way_.end()) return false;
  const UnderWay repair = std::move(at->second);
  CHECK_BUG(hosts.size() == repair.places.size());
  end(number);
  budget_.give_back(repair.bytes, rate(), now_s * 1000);
  budget_.spend(moved_bytes, rate(), now_s * 1000);
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const auto before = segments_.pieces(repair.segment)[repair.places[i]];
    const Replaced replaced{.segment = repair.segment, .place = repair.places[i]};
    if (before.host == hosts[i]) continue;
    segments_.set_host(repair.segment, repair.places[i], hosts[i]);
    watch_.holds_pieces(hosts[i]);
    if (before.is_lost != 0) continue;
    settle(before.host, replaced, now_s);
  }
  queue_.remove(repair.segment);
  judge(repair.segment, now_s);
  return true;
}

void RepairPlan::repair_failed(std::uint64_t number, std::span<const std::uint32_t> with,
                               std::uint64_t moved_bytes, std::int64_t now_s) {
  const auto at = under_way_.find(number);
  if (at == under_way_.end()) return;
  const std::uint32_t segment = at->second.segment;
  budget_.give_back(at->second.bytes, rate(), now_s * 1000);
  budget_.spend(moved_bytes, rate(), now_s * 1000);
  end(number);
  queue_.failed(segment, with, now_s);
  judge(segment, now_s);
}

void RepairPlan::released(const ReleasePiece& order) {
  std::erase_if(releasing_, [&order](const Release& each) {
    return each.host == order.host && each.segment == order.segment && each.place == order.place;
  });
}

std::optional<ReleasePiece> RepairPlan::release_other(const ReleasePiece& order, std::int64_t now_s) {
  if (!segments_.contains(order.segment)) return std::nullopt;
  const auto piece = segments_.pieces(order.segment)[order.place];
  if (piece.host == order.host || watch_.state(order.host) != HostState::good ||
      watch_.is_leaving(order.host) || !may_stand(order.host, order.segment, order.place))
    return std::nullopt;
  released(order);
  segments_.set_host(order.segment, order.place, order.host);
  const Release other = release_of(piece.host, {.segment = order.segment, .place = order.place});
  releasing_.insert(other);
  judge(order.segment, now_s);
  return ReleasePiece{.segment = other.segment, .place = other.place, .host = other.host};
}

void RepairPlan::advance(std::int64_t now_s) {
  for (std::uint32_t host = 0; watch_.next_missing(now_s, host);) {
    checks_.erase(host);
    judge_all_of(host, now_s);
  }
  for (; !patience_.empty() && patience_.top().first <= now_s; patience_.pop())
    if (const std::uint32_t segment = patience_.top().second;
        segments_.contains(segment) && segments_.lacking_min(segment) != 0) {
      judge(segment, now_s);
    }
  for (; !held_.empty() && held_.begin()->first <= now_s; held_.erase(held_.begin())) {
    const Release& each = held_.begin()->second;
    settle(each.host, {.segment = each.segment, .place = each.place}, now_s);
  }
  while (!waits_.empty() && waits_.begin()->first <= now_s)
    repair_failed(waits_.begin()->second, {}, under_way_.at(waits_.begin()->second).bytes, now_s);
}

std::optional<Rebuild> RepairPlan::begin(std::int64_t now_s) {
  begin_wake_s_ = std::numeric_limits<std::int64_t>::max();
  if (under_way_.size() >= limits_.under_way_max) return std::nullopt;
  while (const auto first = queue_.first(now_s)) {
    const std::uint32_t segment = *first;
    const Look now = look(segment);
    if (now.margin_reachable < 0) {  // enough is there, but too much of it is silent
      queue_.wait(segment, now_s);
      continue;
    }
    const auto& kind = segments_.kind(segment);
    Rebuild order{
        .number = number_ + 1,
        .segment = segment,
        .missing = now.missing,
        .handed_over = now.leaving,
        .excluded = queue_.excluded(segment),
        .bytes = repair_bytes(kind.layout, kind.piece_bytes, now.missing.size(), now.leaving.size())};
    const std::int64_t now_ms = now_s * 1000;
    if (now.margin > limits_.urgent_margin) {
      if (watch_.is_storm(now_s)) {
        begin_wake_s_ = watch_.storm_end_s();
        return std::nullopt;
      }
      if (const std::int64_t wait_ms = budget_.wait_ms(order.bytes, rate(), now_ms); wait_ms > 0) {
        begin_wake_s_ = now_s + (wait_ms + 999) / 1000;
        return std::nullopt;
      }
    }
    budget_.spend(order.bytes, rate(), now_ms);
    ++number_;
    queue_.begin(segment);
    repaired_now_.insert(segment);
    UnderWay under_way{.segment = segment,
                       .places = order.missing,
                       .bytes = order.bytes,
                       .until_s = now_s + limits_.repair_wait_s};
    under_way.places.insert(under_way.places.end(), order.handed_over.begin(), order.handed_over.end());
    waits_.emplace(under_way.until_s, number_);
    under_way_.emplace(number_, std::move(under_way));
    return order;
  }
  return std::nullopt;
}

std::optional<RepairOrder> RepairPlan::next(std::int64_t now_s) {
  advance(now_s);
  if (!checks_.empty()) {
    const std::uint32_t host = *checks_.begin();
    checks_.erase(checks_.begin());
    return CheckHost{.host = host};
  }
  while (!releases_.empty() && releasing_.size() < limits_.releases_under_way_max) {
    const Release each = *releases_.begin();
    releases_.erase(releases_.begin());
    const auto piece = segments_.pieces(each.segment)[each.place];
    if (piece.is_lost != 0 || watch_.state(piece.host) != HostState::good) {
      held_.emplace(now_s + limits_.check_wait_s, each);
      continue;
    }
    releasing_.insert(each);
    return ReleasePiece{.segment = each.segment, .place = each.place, .host = each.host};
  }
  if (auto order = begin(now_s)) return std::move(*order);
  return std::nullopt;
}

std::int64_t RepairPlan::wake_s(std::int64_t now_s) const {
  std::int64_t wake_s = std::min(watch_.wake_s(), queue_.wake_s());
  if (!patience_.empty()) wake_s = std::min(wake_s, patience_.top().first);
  if (!waits_.empty()) wake_s = std::min(wake_s, waits_.begin()->first);
  if (!held_.empty()) wake_s = std::min(wake_s, held_.begin()->first);
  wake_s = std::min(wake_s, begin_wake_s_);
  return std::max(wake_s, now_s + 1);
}

}  // namespace inxt::plan
