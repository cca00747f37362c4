// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/healer_mind.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace inxt::bridge {
namespace {

constexpr int kSuccessionsMax = 16;  // of one Host that are followed

}  // namespace

std::uint64_t planned_piece_bytes(std::uint32_t piece_bytes) {
  const std::uint64_t bytes = std::max<std::uint64_t>(piece_bytes, 16);
  const std::uint64_t step = std::bit_ceil(bytes) / 8;  // four between a power of two and the next
  return (bytes + step - 1) / step * step;
}

const HostId& HealerMind::present(const HostId& id) const {
  const HostId* at = &id;
  for (int i = 0; i < kSuccessionsMax; ++i) {
    const auto next = successors_.find(*at);
    if (next == successors_.end()) break;
    at = &next->second;
  }
  return *at;
}

std::optional<std::uint32_t> HealerMind::find_host(const HostId& id) const {
  const auto found = host_numbers_.find(present(id));
  if (found == host_numbers_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::uint32_t> HealerMind::find_host(CareHostKey key) const {
  const auto found = care_hosts_.find(key);
  if (found == care_hosts_.end()) return std::nullopt;
  return find_host(found->second);
}

std::optional<std::uint32_t> HealerMind::find_segment(CareSegmentKey key) const {
  const auto found = numbers_.find(key);
  if (found == numbers_.end()) return std::nullopt;
  return found->second;
}

Result<std::uint32_t> HealerMind::number_of(const HostId& id) {
  const HostId& now = present(id);
  if (const auto found = host_numbers_.find(now); found != host_numbers_.end()) return found->second;
  const auto number = static_cast<std::uint32_t>(hosts_.size());
  TRY(pool_.set(number, plan::Candidate{}));  // until the directory says more: it takes nothing
  hosts_.push_back({.id = now});
  host_numbers_.emplace(now, number);
  return number;
}

Result<void> HealerMind::take_hosts(const HostSnapshot& snapshot, const plan::PlacementPool& candidates,
                                    HostSuccessors successors, std::int64_t watched_since_unix_s,
                                    std::int64_t now_unix_s) {
  successors_ = std::move(successors);
  const auto& entries = snapshot.entries();
  for (std::size_t i = 0; i < entries.size() && i < candidates.size(); ++i) {
    const HostId& id = entries[i].host->id();
    if (successors_.contains(id)) continue;  // it is another one now
    const std::uint32_t number = TRY(number_of(id));
    if (pool_.candidate(number) != candidates.candidate(i)) TRY(pool_.set(number, candidates.candidate(i)));
  }
  priced_.clear();
  for (std::uint32_t number = 0; number < hosts_.size(); ++number) {
    Host& host = hosts_[number];
    const KnownHost* known = snapshot.find(host.id);
    host.price = known != nullptr ? known->descriptor.price : 0;
    if (host.price > 0) priced_.emplace_back(host.price, number);
    const std::int64_t leaving = known != nullptr && is_retiring(*known) ? known->beat->retiring_unix_s : 0;
    if (leaving != host.leaving_unix_s) plan_.leaving(number, leaving, now_unix_s);
    host.leaving_unix_s = leaving;
    const std::int64_t paused =
        known != nullptr && is_paused(*known, now_unix_s) ? known->beat->paused_until_unix_s : 0;
    // One that was taken back allows nothing any more; one that is over has allowed its time.
    const bool is_taken_back = paused == 0 && host.paused_until_unix_s > now_unix_s;
    if (is_taken_back || (paused != 0 && paused != host.paused_until_unix_s)) plan_.paused(number, paused);
    host.paused_until_unix_s = paused;
    const bool is_reached = known != nullptr && known->measured.is_reachable;
    // Who beats and answers probes and no audit may have nothing left.
    const bool is_silent = !is_reached || host.unanswered_unix_s != 0;
    // One that answers, and whose check nobody got through, is tried again.
    const bool is_given_up = !is_silent && plan_.hosts().state(number) == plan::HostState::missing;
    if (host.is_judged && host.is_silent == is_silent && !is_given_up) continue;
    if (is_silent) {
      const std::int64_t heard = is_reached         ? host.unanswered_unix_s
                                 : known == nullptr ? 0
                                                    : known->measured.answered_unix_s;
      plan_.silent(number, std::min(std::max(heard, watched_since_unix_s), now_unix_s));
    } else if (host.is_judged) {
      plan_.heard(number, now_unix_s);
    }
    host.is_silent = is_silent;
    host.is_judged = true;
  }
  std::ranges::sort(priced_, std::greater());
  return {};
}

std::uint64_t HealerMind::price_max(std::uint32_t segment, std::uint64_t least) const {
  std::vector<std::uint32_t> live;
  for (const plan::SegmentTable::Piece& piece : plan_.segments().pieces(segment))
    if (piece.is_lost == 0 && plan_.hosts().is_counted(piece.host)) live.push_back(piece.host);
  std::ranges::sort(live);
  live.erase(std::ranges::unique(live).begin(), live.end());
  if (live.empty()) return least;
  std::vector<std::uint64_t> prices;
  for (const std::uint32_t host : live) prices.push_back(hosts_[host].price);
  std::ranges::sort(prices);
  return std::max(least, prices[(prices.size() - 1) / 2]);
}

std::vector<std::uint32_t> HealerMind::dearer_than(std::uint64_t price) const {
  std::vector<std::uint32_t> out;
  for (const auto& [asked, host] : priced_) {
    if (asked <= price) break;
    out.push_back(host);
  }
  return out;
}

Result<void> HealerMind::take_care_host(const CareHost& host) {
  if (find_host(host.host)) {
    care_hosts_[host.key] = host.host;
    return {};
  }
  const bool is_one_too_many = named_hosts_ >= kNamedHostsMax;
  const HostId id = is_one_too_many ? HostId{} : host.host;
  care_hosts_[host.key] = id;
  TRY(number_of(id));
  if (!is_one_too_many) ++named_hosts_;
  return {};
}

/// A piece that was lost, and lies at the same Host again, is no longer what the plan knows.
bool HealerMind::is_as_before(std::uint32_t segment, const std::vector<std::uint32_t>& hosts,
                              const std::vector<bool>& is_lost) const {
  const auto pieces = plan_.segments().pieces(segment);
  for (std::size_t place = 0; place < pieces.size(); ++place)
    if (pieces[place].host != hosts[place] || (pieces[place].is_lost != 0 && !is_lost[place])) return false;
  return true;
}

Result<void> HealerMind::take_segment(const CareRow& row, std::int64_t now_unix_s) {
  auto number = find_segment(row.key);
  if (row.is_removed) {
    if (number) {
      plan_.remove_segment(*number);
      numbers_.erase(row.key);
    }
    return {};
  }
  // Of one place's the last counts that was proved, else the last that is told, else the last that is lost:
  // an old manifest that is entrusted again takes nothing from what was repaired since.  A place that has
  // none is lost at nobody's.
  const std::uint32_t nobody = TRY(number_of(HostId{}));
  std::vector<std::uint32_t> hosts(row.layout.hosts(), nobody);
  std::vector<bool> is_lost(hosts.size(), true);
  std::vector<int> worth(hosts.size(), 0);
  for (const PlaceOfCare& place : row.places) {
    const auto host = find_host(place.host);
    const int its_worth = place.is_lost ? 0 : place.is_proved ? 2 : 1;
    if (!host || place.place >= hosts.size() || its_worth < worth[place.place]) continue;
    hosts[place.place] = *host;
    is_lost[place.place] = place.is_lost;
    worth[place.place] = its_worth;
  }
  if (number && !is_as_before(*number, hosts, is_lost)) {
    plan_.remove_segment(*number);
    numbers_.erase(row.key);
    number.reset();
  }
  const bool is_new = !number;
  if (is_new) {
    number = TRY(plan_.add_segment(
        {.layout = row.layout, .piece_bytes = planned_piece_bytes(row.piece_bytes)}, hosts));
    if (keys_.size() <= *number) keys_.resize(*number + 1);
    keys_[*number] = row.key;
    numbers_[row.key] = *number;
  }
  for (std::uint32_t place = 0; place < hosts.size(); ++place)
    if (is_lost[place]) plan_.piece_lost(*number, place, hosts[place], now_unix_s);
  if (!is_new) return {};
  for (const PlaceOfCare& place : row.places) {
    const auto host = find_host(place.host);
    if (!host || place.place >= hosts.size() || place.is_lost || hosts[place.place] == *host) continue;
    plan_.also_at(*number, place.place, *host);
  }
  // A Host that was given up before the segment came is not asked about again: the segment is judged now.
  plan_.judge_again(*number, now_unix_s);
  return {};
}

}  // namespace inxt::bridge
