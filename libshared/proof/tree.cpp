// SPDX-License-Identifier: LGPL-3.0-or-later
#include "proof/tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/labels.h"

namespace inxt::proof {
namespace {

constexpr std::byte kLeafPrefix{0x00};
constexpr std::byte kNodePrefix{0x01};
constexpr std::size_t kBatchBlocks = 2;  // what hash_blocks takes at once

static_assert(sizeof(Hash) == 32, "hashes in a row are the bytes of their nodes");

ByteView bytes_of(std::span<const Hash> hashes) {
  return std::as_bytes(hashes);
}

// One level up: pairs are hashed, and a hash without a neighbour goes up as it is.  Level by level this is
// the tree of RFC 9162, section 2.1.1, whose left subtrees are full.
std::vector<Hash> level_above(std::span<const Hash> level) {
  std::vector<Hash> above((level.size() + 1) / 2);
  const std::size_t pairs = level.size() / 2;
  crypto::hash_blocks(bytes_of(level.first(2 * pairs)), 2 * sizeof(Hash), kNodePrefix,
                      std::span(above).first(pairs));
  if (level.size() % 2 != 0) above.back() = level.back();
  return above;
}

}  // namespace

Hash leaf_hash(ByteView block) {
  if (block.empty()) return crypto::sha256({&kLeafPrefix, 1});
  Hash hash;
  crypto::hash_blocks(block, block.size(), kLeafPrefix, {&hash, 1});
  return hash;
}

Hash node_hash(const Hash& left, const Hash& right) {
  ByteArray<1 + 2 * sizeof(Hash)> message;
  message[0] = kNodePrefix;
  std::copy(left.begin(), left.end(), message.begin() + 1);
  std::copy(right.begin(), right.end(), message.begin() + 1 + sizeof(Hash));
  return crypto::sha256(message);
}

Hash tree_head(std::span<const Hash> leaves) {
  CHECK_BUG(!leaves.empty());
  if (leaves.size() == 1) return leaves[0];
  std::vector<Hash> level = level_above(leaves);
  while (level.size() > 1) level = level_above(level);
  return level[0];
}

std::size_t path_hashes(std::uint64_t index, std::uint64_t count) {
  CHECK_BUG(index < count);
  std::size_t hashes = 0;
  for (std::uint64_t last = count - 1; last > 0; index /= 2, last /= 2)
    hashes += index % 2 != 0 || index != last;  // the last of an odd level has no neighbour
  return hashes;
}

PieceId piece_id(std::uint64_t size_bytes, const Hash& head) {
  const auto size = big_endian(size_bytes);
  return {crypto::labelled_hash(crypto::label::kPiece, {size, head})};
}

PieceId piece_id_of(ByteView piece) {
  return Tree(piece).id();
}

std::optional<Hash> head_from_path(const Hash& leaf, std::uint64_t index, std::uint64_t count,
                                   std::span<const Hash> path) {
  if (index >= count || path.size() != path_hashes(index, count)) return std::nullopt;
  Hash hash = leaf;
  std::size_t used = 0;
  for (std::uint64_t last = count - 1; last > 0; index /= 2, last /= 2) {
    if (index % 2 != 0)
      hash = node_hash(path[used++], hash);
    else if (index != last)
      hash = node_hash(hash, path[used++]);
  }
  return hash;
}

Tree::Tree(ByteView piece) : size_bytes_(piece.size()), leaves_(blocks_in(piece.size())) {
  CHECK_BUG(!piece.empty() && piece.size() <= kPieceBytesMax);
  crypto::hash_blocks(piece, kBlockBytes, kLeafPrefix, leaves_);
  head_ = tree_head(leaves_);
}

Tree::Tree(std::uint64_t size_bytes, std::vector<Hash> leaves)
    : size_bytes_(size_bytes), leaves_(std::move(leaves)) {
  CHECK_BUG(size_bytes > 0 && size_bytes <= kPieceBytesMax && leaves_.size() == blocks_in(size_bytes));
  head_ = tree_head(leaves_);
}

Path Tree::path(std::uint64_t index) const {
  CHECK_BUG(index < blocks());
  Path path;
  path.reserve(path_hashes(index, blocks()));
  for (std::vector<Hash> level = leaves_; level.size() > 1; level = level_above(level), index /= 2) {
    const std::uint64_t neighbour = index ^ 1;
    if (neighbour < level.size()) path.push_back(level[neighbour]);
  }
  return path;
}

Result<void> TreeBuilder::update(ByteView bytes) {
  if (bytes.size() > kPieceBytesMax - size_bytes_)
    return fail(Code::integrity,
                fmt::format("the piece is larger than {} bytes (kPieceBytesMax)", kPieceBytesMax));
  size_bytes_ += bytes.size();

  // Blocks are hashed where they lie; only what is left over waits for more.
  constexpr std::size_t kBatchBytes = kBatchBlocks * kBlockBytes;
  const auto hash = [this](ByteView blocks) {
    const std::size_t old_count = leaves_.size();
    leaves_.resize(old_count + blocks.size() / kBlockBytes);
    crypto::hash_blocks(blocks, kBlockBytes, kLeafPrefix, std::span(leaves_).subspan(old_count));
  };
  if (!rest_.empty()) {
    const std::size_t taken = std::min(bytes.size(), kBatchBytes - rest_.size());
    append(rest_, bytes.first(taken));
    bytes = bytes.subspan(taken);
    if (rest_.size() < kBatchBytes) return {};
    hash(rest_);
    rest_.clear();
  }
  const std::size_t whole = bytes.size() / kBatchBytes * kBatchBytes;
  hash(bytes.first(whole));
  append(rest_, bytes.subspan(whole));
  return {};
}

Result<Tree> TreeBuilder::finish() && {
  if (size_bytes_ == 0) return fail(Code::integrity, "the piece is empty");
  const std::size_t old_count = leaves_.size();
  leaves_.resize(blocks_in(size_bytes_));
  crypto::hash_blocks(rest_, kBlockBytes, kLeafPrefix, std::span(leaves_).subspan(old_count));
  return Tree(size_bytes_, std::move(leaves_));
}

}  // namespace inxt::proof
