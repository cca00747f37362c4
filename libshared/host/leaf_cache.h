// SPDX-License-Identifier: LGPL-3.0-or-later
// The leaves of folders of the inventory that were made lately, so that an audit neither reads nor hashes
// what it has at hand.  A folder that is the same in two heads is here once.  Bounded.  Thread-safe.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "proof/inventory_tree.h"

namespace inxt::host {

/// 80 bytes a piece: as much as 400,000 pieces need.  Of a Host with more, some are read from the disk again.
inline constexpr std::size_t kLeafCacheBytesMax = std::size_t{32} << 20;

class LeafCache {
 public:
  using Leaves = std::shared_ptr<const std::vector<proof::InventoryLeaf>>;

  explicit LeafCache(std::size_t bytes_max = kLeafCacheBytesMax) : bytes_max_(bytes_max) {}

  /// Nothing when they are not here.  `branch`: the folder's, which tells one folder's contents from others.
  Leaves find(std::size_t folder, const proof::InventoryBranch& branch);
  /// Those that nobody has asked for for longest go first.
  void add(std::size_t folder, const proof::InventoryBranch& branch, Leaves leaves);
  std::size_t used_bytes() const;

 private:
  using Key = std::pair<std::size_t, crypto::Hash>;
  struct Entry {
    Leaves leaves;
    std::list<Key>::iterator place;
  };
  static std::size_t bytes_of(const Leaves& leaves);

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::map<Key, Entry> entries_;
  std::list<Key> order_;  // the latest first
  std::size_t used_bytes_ = 0;
};

}  // namespace inxt::host
