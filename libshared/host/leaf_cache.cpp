// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/leaf_cache.h"

namespace inxt::host {

std::size_t LeafCache::bytes_of(const Leaves& leaves) {
  return leaves->capacity() * sizeof(proof::InventoryLeaf) + 256;  // and what keeps them here
}

LeafCache::Leaves LeafCache::find(std::size_t folder, const proof::InventoryBranch& branch) {
  const std::lock_guard guard(mutex_);
  const auto entry = entries_.find({folder, branch.hash});
  if (entry == entries_.end()) return nullptr;
  order_.splice(order_.begin(), order_, entry->second.place);
  return entry->second.leaves;
}

void LeafCache::add(std::size_t folder, const proof::InventoryBranch& branch, Leaves leaves) {
  const std::size_t bytes = bytes_of(leaves);
  if (bytes > bytes_max_) return;
  const std::lock_guard guard(mutex_);
  const Key key{folder, branch.hash};
  const auto [entry, is_new] = entries_.try_emplace(key);
  if (!is_new) return;
  order_.push_front(key);
  entry->second = {std::move(leaves), order_.begin()};
  used_bytes_ += bytes;
  while (used_bytes_ > bytes_max_) {
    const auto oldest = entries_.find(order_.back());
    used_bytes_ -= bytes_of(oldest->second.leaves);
    entries_.erase(oldest);
    order_.pop_back();
  }
}

std::size_t LeafCache::used_bytes() const {
  const std::lock_guard guard(mutex_);
  return used_bytes_;
}

}  // namespace inxt::host
