// SPDX-License-Identifier: LGPL-3.0-or-later
// Makes the tree of proof/inventory.h and proofs from it.  A Host keeps one hash for each of its 4,096
// folders (a piece's folder is the first 12 bits of its id) and those above them, 393 KB; leaves it makes
// again from its index, one folder at a time.  A changed piece costs the leaves of its folder and 12 nodes.
#pragma once

#include <optional>

#include "proof/inventory.h"

namespace inxt::proof {

inline constexpr unsigned kFolderBits = 12;
inline constexpr std::size_t kInventoryFolders = std::size_t{1} << kFolderBits;

/// The first kFolderBits of the id.
std::size_t inventory_folder(const PieceId& piece);

/// The subtree of some leaves, empty for none.  This is the root when they are all.
/// Errors: integrity: a leaf that check() refuses, leaves that are not ascending by piece id (each once), or
/// sums past the limits.  Cost: two hashes a leaf; no memory but a stack of kKeyBits frames.
Result<InventoryBranch> inventory_branch(std::span<const InventoryLeaf> leaves);
/// The way to `piece` in the tree of these leaves: its leaf, or what shows that it is not there.
/// Errors and cost: as above.
Result<InventoryPath> inventory_path(std::span<const InventoryLeaf> leaves, const PieceId& piece);

/// What a block number falls on.
struct InventoryPlace {
  std::size_t index = 0;          // of the leaf, or of the folder
  std::uint64_t first_block = 0;  // number of its first block
};
/// Nothing when the leaves have no block of this number.  Cost: one step a leaf.
std::optional<InventoryPlace> locate_leaf(std::span<const InventoryLeaf> leaves, std::uint64_t number);

/// The tree above the folders.  Copying it (393 KB) keeps the state of a head.
class InventoryTop {
 public:
  /// Of an empty inventory.
  InventoryTop();
  /// REQUIRES: kInventoryFolders branches, each from inventory_branch() over leaves of that folder only.
  /// Errors: integrity when the sums pass the limits.  Cost: one hash a folder.
  static Result<InventoryTop> make(std::span<const InventoryBranch> folders);

  /// Errors: integrity when the sums would pass the limits; nothing changes then.  Cost: kFolderBits hashes.
  Result<void> set(std::size_t folder, const InventoryBranch& branch);

  const InventoryBranch& root() const { return nodes_[1]; }
  const InventoryBranch& folder(std::size_t folder) const { return nodes_[kInventoryFolders + folder]; }

  /// The folder whose leaves path_to(piece, ...) needs: not always the piece's own, when the piece is not
  /// there. Nothing when it needs none.
  std::optional<std::size_t> folder_for(const PieceId& piece) const;
  /// The folder that block `number` is in.  Nothing when number >= root().blocks.
  std::optional<InventoryPlace> locate_folder(std::uint64_t number) const;

  /// The way to `piece`, from the leaves of folder_for(piece) (none when it needs none).
  /// Errors: integrity when the leaves do not make that folder's hash (it changed since), or as
  /// inventory_path(). Cost: two hashes a leaf.
  Result<InventoryPath> path_to(const PieceId& piece, std::span<const InventoryLeaf> leaves) const;

 private:
  // The way from the root as far as it goes above the folders: where it stops, and whether that is on the
  // piece's own.
  struct Way {
    std::vector<InventoryStep> steps;
    std::size_t stop = 1;
    bool own = true;
  };
  Way way_to(const PieceId& piece) const;
  void join(std::size_t node);

  // Node 1 is the root, the children of i are 2i and 2i + 1, folder f is kInventoryFolders + f.  Where one
  // child is empty, the other stands in its parent's place too: such a node is none of the tree.
  std::vector<InventoryBranch> nodes_;
};

}  // namespace inxt::proof
