// SPDX-License-Identifier: LGPL-3.0-or-later
// The hash tree as a Host stores it behind a piece, so that an audit sample reads one data page and one tree
// page. Format: inxt-piece(5), "The stored piece".  One page for every 64 blocks (a group): 64 leaf hashes, zeros where
// there is no block; then the heads of all groups of the piece (1 to 8, the same in each page); then zeros.
// Groups are full subtrees of the RFC 9162 tree, so the head over their heads is the piece's.
#pragma once

#include "proof/tree.h"

namespace inxt::proof {

inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kPageBlocks = 64;
inline constexpr std::size_t kPagesMax = kPieceBlocksMax / kPageBlocks;  // 8

/// Tree pages of a piece.  REQUIRES here and below: size_bytes is 1 to kPieceBytesMax.
constexpr std::uint64_t page_count(std::uint64_t size_bytes) {
  return (blocks_in(size_bytes) + kPageBlocks - 1) / kPageBlocks;
}
constexpr std::size_t pages_bytes(std::uint64_t size_bytes) {
  return static_cast<std::size_t>(page_count(size_bytes)) * kPageBytes;
}
/// The page that holds a block's path.
constexpr std::uint64_t page_of(std::uint64_t block) {
  return block / kPageBlocks;
}

/// All pages, one after another: pages_bytes(tree.size_bytes()) bytes.
Bytes encode_pages(const Tree& tree);
/// The same into memory that is there.  REQUIRES: out.size() == pages_bytes(tree.size_bytes()).
void encode_pages(const Tree& tree, ByteSpan out);

/// The path of a block from page page_of(block) alone.  The page is taken as it is: whoever checks the path
/// finds out. REQUIRES: page.size() == kPageBytes, block < blocks_in(size_bytes).  Cost: at most 70 hashes of
/// 65 bytes.
Path path_from_page(ByteView page, std::uint64_t size_bytes, std::uint64_t block);
/// The leaf hash of a block, from the same page.
Hash leaf_from_page(ByteView page, std::uint64_t block);

/// Whether page `index` is exactly what encode_pages would write for the piece of this id.
/// Errors: integrity, saying what differs: size, a leaf, the heads, or bytes that must be zero.
Result<void> check_page(ByteView page, std::uint64_t index, std::uint64_t size_bytes, const PieceId& id);
/// The tree from all pages, checked against the id.  Errors: as check_page, and where pages differ.
Result<Tree> decode_pages(ByteView pages, std::uint64_t size_bytes, const PieceId& id);

}  // namespace inxt::proof
