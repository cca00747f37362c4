// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host says that it holds, as a prefix tree by piece id whose nodes hash both children and their sums:
// from the root follow which pieces are in it, which are not, and which piece a block number falls on.  Here:
// leaves, nodes, and what a stranger checks.  proof/inventory_tree.h makes trees and proofs.  Format:
// inxt-inventory(5).
#pragma once

#include <span>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "crypto/hash.h"

namespace inxt::proof {

using crypto::Hash;

inline constexpr std::uint32_t kLeafContractsMax = std::uint32_t{1} << 31;    // about one piece at one Host
inline constexpr std::uint64_t kInventoryBlocksEnd = std::uint64_t{1} << 40;  // sums stay below these: 4 PiB
inline constexpr std::uint64_t kInventoryBytesEnd = std::uint64_t{1} << 52;
inline constexpr std::size_t kStepsMax = 100;  // piece ids are hashes: nobody finds two that share 100 bits
inline constexpr unsigned kKeyBits = 256;      // of a piece id

/// One piece that the Host holds.
struct InventoryLeaf {
  PieceId piece;
  std::uint64_t size_bytes = 0;  // 1 to kPieceBytesMax
  std::uint32_t contracts = 0;   // 1 to kLeafContractsMax
  Hash contracts_root{};         // proof/inventory_contracts.h
  bool operator==(const InventoryLeaf&) const = default;
};

/// A subtree as its parent sees it.  The empty tree: zeros.
struct InventoryBranch {
  Hash hash{};
  std::uint64_t blocks = 0;
  std::uint64_t bytes = 0;
  bool operator==(const InventoryBranch&) const = default;
  bool empty() const { return blocks == 0; }
};

/// Two subtrees whose keys share `bits` bits and differ in the next, which is 0 on the left.
struct InventoryNode {
  unsigned bits = 0;  // 0 to 255
  PieceId prefix;     // the shared bits, then zeros
  InventoryBranch left, right;
  bool operator==(const InventoryNode&) const = default;
};

/// A node on the way down to a key: where it branches, and the child that the way does not take.
struct InventoryStep {
  unsigned bits = 0;
  InventoryBranch sibling;
  bool operator==(const InventoryStep&) const = default;
};

/// Where the way to a key ends: nothing (the empty tree), a leaf (of the key, or of the only piece that is
/// left), or a node whose keys have another prefix.
using InventoryEnd = std::variant<std::monostate, InventoryLeaf, InventoryNode>;

struct InventoryPath {
  std::vector<InventoryStep> steps;  // from the root down
  InventoryEnd end;
  bool operator==(const InventoryPath&) const = default;
  /// Whether it leads to the piece's own leaf.
  bool includes(const PieceId& piece) const;
};

/// Bit `index` of an id, 0 the most significant of its first byte.  REQUIRES: index < kKeyBits.
bool key_bit(const PieceId& piece, unsigned index);
/// How many first bits are the same: 0 to kKeyBits.
unsigned common_bits(const PieceId& a, const PieceId& b);
/// The first `bits` bits, then zeros.
PieceId key_prefix(const PieceId& piece, unsigned bits);

/// REQUIRES: check() of them passes.  Cost: one hash.
InventoryBranch branch_of(const InventoryLeaf& leaf);
InventoryBranch branch_of(const InventoryNode& node);

/// Errors: integrity, naming the member: size (1 to kPieceBytesMax) or count (1 to kLeafContractsMax).
Result<void> check(const InventoryLeaf& leaf);
/// Errors: integrity unless 1 <= blocks <= bytes <= blocks * 4096, below kInventoryBlocksEnd and
/// kInventoryBytesEnd.
Result<void> check(const InventoryBranch& branch);
/// Errors: integrity: bits past 255, a prefix with other bits, children or sums as above.
Result<void> check(const InventoryNode& node);

/// What an inclusion shows.  Whoever checks compares `root` with the signed head: hash, blocks and bytes.
struct Included {
  InventoryBranch root;
  std::uint64_t first_block = 0;  // number of the piece's block 0 in the inventory
};

/// Errors: integrity, which says what is wrong: the leaf, too many steps (kStepsMax), their bits, their sums.
/// Cost: one hash a step.
Result<Included> verify_inclusion(const InventoryLeaf& leaf, std::span<const InventoryStep> steps);
/// That `piece` is not in the tree with the root that this returns (zeros for the empty tree).
/// Errors: integrity as above, or when the path ends where `piece` could still be.
Result<InventoryBranch> verify_exclusion(const PieceId& piece, const InventoryPath& path);

}  // namespace inxt::proof
