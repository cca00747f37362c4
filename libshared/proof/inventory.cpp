// SPDX-License-Identifier: LGPL-3.0-or-later
#include "proof/inventory.h"

#include <fmt/format.h>

#include <bit>

#include "base/check.h"
#include "crypto/labels.h"
#include "proof/tree.h"

namespace inxt::proof {
namespace {

std::unexpected<Error> bad(std::string why) {
  return fail(Code::integrity, std::move(why));
}

InventoryBranch joined(unsigned bits, const PieceId& prefix, const InventoryBranch& left,
                       const InventoryBranch& right) {
  const auto bits_u16 = big_endian(static_cast<std::uint16_t>(bits));
  const auto left_blocks = big_endian(left.blocks), left_bytes = big_endian(left.bytes);
  const auto right_blocks = big_endian(right.blocks), right_bytes = big_endian(right.bytes);
  return {.hash = crypto::labelled_hash(crypto::label::kInventoryNode,
                                        {bits_u16, prefix.bytes, left.hash, left_blocks, left_bytes,
                                         right.hash, right_blocks, right_bytes}),
          .blocks = left.blocks + right.blocks,
          .bytes = left.bytes + right.bytes};
}

// The root above a subtree of keys that share their first `bits` bits at least with `piece`, or as many as
// the last step asks for.  Counts the blocks of all that stand to the left.
Result<Included> climb(const PieceId& piece, unsigned bits, InventoryBranch below,
                       std::span<const InventoryStep> steps) {
  if (steps.size() > kStepsMax)
    return bad(fmt::format("steps: {} are more than {} (kStepsMax)", steps.size(), kStepsMax));
  Included out{.root = below, .first_block = 0};
  for (std::size_t i = steps.size(); i-- > 0;) {
    const InventoryStep& step = steps[i];
    if (step.bits >= bits)
      return bad(fmt::format("steps: step {} branches at bit {}, not before bit {}, where the next one does",
                             i, step.bits, bits));
    bits = step.bits;
    if (auto sound = check(step.sibling); !sound)
      return std::unexpected(std::move(sound).error().in(fmt::format("steps: step {}", i)));
    const bool right = key_bit(piece, bits);
    if (right) out.first_block += step.sibling.blocks;
    out.root = right ? joined(bits, key_prefix(piece, bits), step.sibling, out.root)
                     : joined(bits, key_prefix(piece, bits), out.root, step.sibling);
    if (auto sound = check(out.root); !sound)
      return std::unexpected(std::move(sound).error().in(fmt::format("steps: the sum at step {}", i)));
  }
  return out;
}

}  // namespace

bool InventoryPath::includes(const PieceId& piece) const {
  const auto* leaf = std::get_if<InventoryLeaf>(&end);
  return leaf != nullptr && leaf->piece == piece;
}

bool key_bit(const PieceId& piece, unsigned index) {
  CHECK_BUG(index < kKeyBits);
  return (std::to_integer<unsigned>(piece.bytes[index / 8]) >> (7 - index % 8) & 1U) != 0;
}

unsigned common_bits(const PieceId& a, const PieceId& b) {
  for (unsigned i = 0; i < a.bytes.size(); ++i) {
    const auto differing = std::to_integer<std::uint8_t>(a.bytes[i] ^ b.bytes[i]);
    if (differing != 0) return 8 * i + static_cast<unsigned>(std::countl_zero(differing));
  }
  return kKeyBits;
}

PieceId key_prefix(const PieceId& piece, unsigned bits) {
  CHECK_BUG(bits <= kKeyBits);
  PieceId out;
  const unsigned whole = bits / 8, rest = bits % 8;
  std::copy_n(piece.bytes.begin(), whole, out.bytes.begin());
  if (rest != 0) out.bytes[whole] = piece.bytes[whole] & static_cast<std::byte>(0xff00U >> rest);
  return out;
}

InventoryBranch branch_of(const InventoryLeaf& leaf) {
  const auto size = big_endian(leaf.size_bytes);
  const auto contracts = big_endian(leaf.contracts);
  return {.hash = crypto::labelled_hash(crypto::label::kInventoryLeaf,
                                        {leaf.piece.bytes, size, contracts, leaf.contracts_root}),
          .blocks = blocks_in(leaf.size_bytes),
          .bytes = leaf.size_bytes};
}

InventoryBranch branch_of(const InventoryNode& node) {
  return joined(node.bits, node.prefix, node.left, node.right);
}

Result<void> check(const InventoryLeaf& leaf) {
  if (leaf.size_bytes == 0 || leaf.size_bytes > kPieceBytesMax)
    return bad(fmt::format("size: {} is not 1 to {} (kPieceBytesMax)", leaf.size_bytes, kPieceBytesMax));
  if (leaf.contracts == 0 || leaf.contracts > kLeafContractsMax)
    return bad(
        fmt::format("count: {} is not 1 to {} (kLeafContractsMax)", leaf.contracts, kLeafContractsMax));
  return {};
}

Result<void> check(const InventoryBranch& branch) {
  if (branch.blocks >= kInventoryBlocksEnd)
    return bad(fmt::format("{} blocks: not below 2^40 (kInventoryBlocksEnd)", branch.blocks));
  if (branch.bytes >= kInventoryBytesEnd)
    return bad(fmt::format("{} bytes: not below 2^52 (kInventoryBytesEnd)", branch.bytes));
  if (branch.blocks == 0 || branch.bytes < branch.blocks || branch.bytes > branch.blocks * kBlockBytes)
    return bad(fmt::format("{} bytes in {} blocks cannot be", branch.bytes, branch.blocks));
  return {};
}

Result<void> check(const InventoryNode& node) {
  if (node.bits >= kKeyBits) return bad(fmt::format("bits: {} is more than {}", node.bits, kKeyBits - 1));
  if (node.prefix != key_prefix(node.prefix, node.bits)) return bad("prefix: a bit behind it is not zero");
  TRY_IN("left", check(node.left));
  TRY_IN("right", check(node.right));
  TRY(check({.hash = {},
             .blocks = node.left.blocks + node.right.blocks,
             .bytes = node.left.bytes + node.right.bytes}));
  return {};
}

Result<Included> verify_inclusion(const InventoryLeaf& leaf, std::span<const InventoryStep> steps) {
  TRY(check(leaf));
  return climb(leaf.piece, kKeyBits, branch_of(leaf), steps);
}

Result<InventoryBranch> verify_exclusion(const PieceId& piece, const InventoryPath& path) {
  if (std::holds_alternative<std::monostate>(path.end)) {
    if (!path.steps.empty()) return bad("end: empty, below a node");
    return InventoryBranch{};
  }
  const auto* leaf = std::get_if<InventoryLeaf>(&path.end);
  const auto* node = std::get_if<InventoryNode>(&path.end);
  if (leaf != nullptr)
    TRY_IN("end: leaf", check(*leaf));
  else
    TRY_IN("end: node", check(*node));
  const unsigned bits = leaf != nullptr ? kKeyBits : node->bits;
  const unsigned common = common_bits(piece, leaf != nullptr ? leaf->piece : node->prefix);
  if (common >= bits)
    return bad(leaf != nullptr ? "end: the leaf is the asked piece's"
                               : "end: the asked piece could be below the node");
  // The way follows the asked piece: what it ends at must lie on the side that each step took.
  if (!path.steps.empty() && common <= path.steps.back().bits)
    return bad("end: it does not lie where the steps lead");
  return TRY(climb(piece, bits, leaf != nullptr ? branch_of(*leaf) : branch_of(*node), path.steps)).root;
}

}  // namespace inxt::proof
