// SPDX-License-Identifier: LGPL-3.0-or-later
// Merkle tree over the blocks of a piece, and the piece id made from its head.
// Format: inxt-piece(5), "Tree and piece id".  Source: RFC 9162, section 2.1 (SHA-256, leaf prefix 0x00, node prefix 0x01).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "crypto/hash.h"

namespace inxt::proof {

using crypto::Hash;

inline constexpr std::size_t kBlockBytes = 4096;        // a disk page; fixed by manifest version 1
inline constexpr std::size_t kPieceBytesMax = 2097152;  // as large as the largest shard
inline constexpr std::size_t kPieceBlocksMax = kPieceBytesMax / kBlockBytes;  // 512
inline constexpr std::size_t kPathHashesMax = 9;                              // log2(kPieceBlocksMax)

/// Hashes from beside the leaf upwards; the head itself is not in it.
using Path = std::vector<Hash>;

/// Blocks of a piece of `size_bytes`.  No overflow up to 2^64 - 1.
constexpr std::uint64_t blocks_in(std::uint64_t size_bytes) {
  return size_bytes / kBlockBytes + (size_bytes % kBlockBytes != 0);
}
/// Bytes of block `index`: kBlockBytes, or less for the last.  REQUIRES: index < blocks_in(size_bytes).
constexpr std::size_t block_bytes(std::uint64_t size_bytes, std::uint64_t index) {
  const std::uint64_t rest = size_bytes - index * kBlockBytes;
  return rest < kBlockBytes ? static_cast<std::size_t>(rest) : kBlockBytes;
}

Hash leaf_hash(ByteView block);
Hash node_hash(const Hash& left, const Hash& right);
/// The tree head over hashes that are already leaves (or heads of full subtrees of one size).  REQUIRES: not
/// empty.
Hash tree_head(std::span<const Hash> leaves);
/// How many hashes the path of leaf `index` has in a tree of `count` leaves.  REQUIRES: index < count.
std::size_t path_hashes(std::uint64_t index, std::uint64_t count);

/// H("inxt/v1/piece", 0, size u64, head).
PieceId piece_id(std::uint64_t size_bytes, const Hash& head);
/// The same from the piece itself.  REQUIRES: 1 to kPieceBytesMax bytes.  Cost: one hash of the piece.
PieceId piece_id_of(ByteView piece);

/// The head that a leaf and its path lead to; nothing when index >= count or the path is not of the exact
/// length. Source: RFC 9162, section 2.1.3.2.
std::optional<Hash> head_from_path(const Hash& leaf, std::uint64_t index, std::uint64_t count,
                                   std::span<const Hash> path);

/// The hash tree of one piece.
class Tree {
 public:
  /// REQUIRES: 1 to kPieceBytesMax bytes.  Cost: 3.4 GB/s on one core with SHA instructions.
  explicit Tree(ByteView piece);
  /// From leaf hashes that are known.  REQUIRES: leaves.size() == blocks_in(size_bytes), 1 to
  /// kPieceBlocksMax.
  Tree(std::uint64_t size_bytes, std::vector<Hash> leaves);

  std::uint64_t size_bytes() const { return size_bytes_; }
  std::uint64_t blocks() const { return leaves_.size(); }
  std::span<const Hash> leaves() const { return leaves_; }
  const Hash& head() const { return head_; }
  PieceId id() const { return piece_id(size_bytes_, head_); }

  /// Path from block `index` to the head.  REQUIRES: index < blocks().
  /// Cost: one hash per block; a Host answers from its stored pages (proof/pages.h).
  Path path(std::uint64_t index) const;

 private:
  std::uint64_t size_bytes_;
  std::vector<Hash> leaves_;
  Hash head_;
};

/// The tree of a piece that comes in parts of any sizes.
class TreeBuilder {
 public:
  /// Errors: integrity when the piece passes kPieceBytesMax; the builder is of no use then.
  Result<void> update(ByteView bytes);
  std::uint64_t size_bytes() const { return size_bytes_; }
  /// Errors: integrity when no byte came: no piece is empty.
  Result<Tree> finish() &&;

 private:
  std::uint64_t size_bytes_ = 0;
  Bytes rest_;  // of a block that is not whole yet
  std::vector<Hash> leaves_;
};

}  // namespace inxt::proof
