// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/memory_budget.h"

#include <fmt/format.h>

#include <algorithm>

namespace inxt::bridge {

MemoryBudget::Room::~Room() {
  if (budget_ == nullptr) return;
  budget_->used_bytes_ -= bytes_;
  peer_->second -= bytes_;
  if (peer_->second == 0) budget_->bytes_of_.erase(peer_);
}

Result<MemoryBudget::Room> MemoryBudget::room(std::size_t bytes, const std::string& peer) {
  const std::size_t share = bytes_max_ / kMemoryShares;
  const bool is_small = bytes <= kSmallBytesMax;
  const std::size_t most = is_small ? bytes_max_ : bytes_max_ - share;
  const bool is_full = used_bytes_ + bytes > most;
  if (!is_small && (is_full || used_bytes_ > most / 4 * 3) && on_short_) on_short_();
  if (is_full) return fail(Code::try_again, fmt::format("memory_bytes_max ({}) is in use", bytes_max_));
  const auto known = bytes_of_.find(peer);
  if (!is_small && used_bytes_ + bytes > bytes_max_ / 2 && known != bytes_of_.end()) {
    const std::size_t of_peer = std::min(share, (most - used_bytes_) / kMemoryFreeShares);
    if (known->second + bytes > of_peer)
      return fail(Code::try_again,
                  fmt::format("memory_bytes_per_peer_max ({}) is in use by requests of yours", of_peer));
  }
  const auto at = bytes_of_.try_emplace(peer, 0).first;
  used_bytes_ += bytes;
  at->second += bytes;
  return Room(*this, at, bytes);
}

}  // namespace inxt::bridge
