// SPDX-License-Identifier: LGPL-3.0-or-later
// The folded tree on this machine's disk, so that a tool need not fetch and fold the whole log: encrypted
// under the tree key, in frames of a mebibyte, $XDG_CACHE_HOME/inxt/tree/<log id>.  It can be removed at any
// time.
#pragma once

#include "client/log_chain.h"
#include "tree/tree.h"

namespace inxt::client {

struct CachedTree {
  LogState state;  // the tree is the fold of the entries up to its head
  tree::Tree tree;
};

class TreeCache {
 public:
  /// `folder`, or $XDG_CACHE_HOME/inxt/tree; made where it is missing.  REQUIRES: `key` outlives this.
  static Result<TreeCache> open(const std::optional<std::string>& folder, const format::TreeKey& key);

  /// Nothing where there is none, and where it is damaged, another version's, or another key's: then it is
  /// removed. Errors: those of files.
  Result<std::optional<CachedTree>> load() const;
  /// Replaces it.  Errors: those of files.
  Result<void> save(const LogState& state, const tree::Tree& tree, crypto::Random& random) const;
  const std::string& path() const { return path_; }

 private:
  TreeCache(std::string path, const format::TreeKey& key) : path_(std::move(path)), key_(&key) {}
  std::string path_;
  const format::TreeKey* key_;
};

}  // namespace inxt::client
