// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/candidate_pool.h"

#include <algorithm>
#include <functional>

namespace inxt::bridge {
plan::Candidate CandidatePool::candidate_of(const HostSnapshot::Entry& entry, const HostRoom& room,
                                            std::int64_t now_unix_s) {
  const auto placed = static_cast<std::uint64_t>(std::max<std::int64_t>(room.charged_bytes, 0));
  const auto reserved = static_cast<std::uint64_t>(std::max<std::int64_t>(room.reserved_bytes, 0));
  auto out = maker_.make(*entry.host, placed, now_unix_s, beat_interval_s_);
  out.free_bytes -= std::min(out.free_bytes, reserved);
  if (entry.is_gone) out.takes_pieces = false;
  return out;
}

Result<void> CandidatePool::update(const std::shared_ptr<const HostSnapshot>& snapshot,
                                   const std::unordered_map<HostId, HostRoom>& rooms, std::int64_t now_unix_s,
                                   std::int64_t now_ms) {
  const bool looks_again = !has_looked_ || now_ms - looked_ms_ >= kCandidatesLookMs;
  if (!looks_again && snapshot->version() == snapshot_->version()) return {};
  const auto since = snapshot_->version();
  snapshot_ = snapshot;
  for (std::size_t i = 0; i < snapshot->entries().size(); ++i) {
    const auto& entry = snapshot->entries()[i];
    if (!looks_again && entry.version <= since && i < pool_.size()) continue;
    const auto room = rooms.find(entry.host->id());
    const auto candidate = candidate_of(entry, room == rooms.end() ? HostRoom{} : room->second, now_unix_s);
    if (i < pool_.size() && pool_.candidate(i) == candidate) continue;
    TRY(pool_.set(i, candidate));
  }
  priced_.clear();
  for (std::size_t i = 0; i < snapshot->entries().size(); ++i)
    if (const auto price = snapshot->entries()[i].host->descriptor.price; price > 0)
      priced_.emplace_back(price, static_cast<std::uint32_t>(i));
  std::ranges::sort(priced_, std::greater());
  if (looks_again) {
    looked_ms_ = now_ms;
    has_looked_ = true;
  }
  return {};
}

std::vector<std::uint32_t> CandidatePool::dearer_than(std::uint64_t price) const {
  std::vector<std::uint32_t> out;
  for (const auto& [asked, index] : priced_) {
    if (asked <= price) break;
    out.push_back(index);
  }
  return out;
}

}  // namespace inxt::bridge
