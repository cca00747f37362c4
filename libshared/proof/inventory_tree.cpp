// SPDX-License-Identifier: LGPL-3.0-or-later
#include "proof/inventory_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "proof/tree.h"

namespace inxt::proof {
namespace {

using Leaves = std::span<const InventoryLeaf>;

Result<void> check_sums(std::uint64_t blocks, std::uint64_t bytes) {
  if (blocks == 0) return {};
  return check(InventoryBranch{.hash = {}, .blocks = blocks, .bytes = bytes});
}

Result<void> check_leaves(Leaves leaves) {
  std::uint64_t blocks = 0, bytes = 0;  // no overflow: a leaf has at most 2 MiB
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    TRY_IN("inventory: piece " + leaves[i].piece.hex(), check(leaves[i]));
    if (i > 0 && leaves[i].piece <= leaves[i - 1].piece)
      return fail(Code::integrity,
                  fmt::format("inventory: piece {} is not behind the one before", leaves[i].piece.hex()));
    blocks += blocks_in(leaves[i].size_bytes);
    bytes += leaves[i].size_bytes;
  }
  TRY_IN("inventory", check_sums(blocks, bytes));
  return {};
}

unsigned shared_bits(Leaves leaves) {
  return common_bits(leaves.front().piece, leaves.back().piece);
}
// How many leaves stand on the left, where this bit is 0.
std::size_t left_count(Leaves leaves, unsigned bit) {
  const auto right =
      std::ranges::partition_point(leaves, [bit](const auto& leaf) { return !key_bit(leaf.piece, bit); });
  return static_cast<std::size_t>(right - leaves.begin());
}

// REQUIRES: leaves are not empty, and checked.
InventoryBranch branch(Leaves leaves) {
  if (leaves.size() == 1) return branch_of(leaves.front());
  const unsigned bits = shared_bits(leaves);
  const std::size_t left = left_count(leaves, bits);
  return branch_of(InventoryNode{.bits = bits,
                                 .prefix = key_prefix(leaves.front().piece, bits),
                                 .left = branch(leaves.first(left)),
                                 .right = branch(leaves.subspan(left))});
}

// Adds the way to `piece` below, and returns what branch(leaves) does.
InventoryBranch walk(Leaves leaves, const PieceId& piece, InventoryPath& way) {
  if (leaves.size() == 1) {
    way.end = leaves.front();
    return branch_of(leaves.front());
  }
  const unsigned bits = shared_bits(leaves);
  const std::size_t left = left_count(leaves, bits);
  InventoryNode node{.bits = bits, .prefix = key_prefix(leaves.front().piece, bits), .left = {}, .right = {}};
  if (common_bits(node.prefix, piece) < bits) {
    node.left = branch(leaves.first(left));
    node.right = branch(leaves.subspan(left));
    way.end = node;
  } else if (key_bit(piece, bits)) {
    node.left = branch(leaves.first(left));
    way.steps.push_back({.bits = bits, .sibling = node.left});
    node.right = walk(leaves.subspan(left), piece, way);
  } else {
    node.right = branch(leaves.subspan(left));
    way.steps.push_back({.bits = bits, .sibling = node.right});
    node.left = walk(leaves.first(left), piece, way);
  }
  return branch_of(node);
}

unsigned depth_of(std::size_t node) {
  return static_cast<unsigned>(std::bit_width(node)) - 1;
}
// The bits that lead to a node of the top.
PieceId prefix_of(std::size_t node) {
  const unsigned depth = depth_of(node);
  const std::size_t number = (node - (std::size_t{1} << depth)) << (16 - depth);
  PieceId prefix;
  prefix.bytes[0] = static_cast<std::byte>(number >> 8);
  prefix.bytes[1] = static_cast<std::byte>(number & 0xff);
  return prefix;
}

}  // namespace

std::size_t inventory_folder(const PieceId& piece) {
  return from_big_endian<std::uint16_t>(piece.bytes) >> (16 - kFolderBits);
}

Result<InventoryBranch> inventory_branch(Leaves leaves) {
  TRY(check_leaves(leaves));
  return leaves.empty() ? InventoryBranch{} : branch(leaves);
}

Result<InventoryPath> inventory_path(Leaves leaves, const PieceId& piece) {
  TRY(check_leaves(leaves));
  InventoryPath way;
  if (!leaves.empty()) (void)walk(leaves, piece, way);
  return way;
}

std::optional<InventoryPlace> locate_leaf(Leaves leaves, std::uint64_t number) {
  std::uint64_t first = 0;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const std::uint64_t blocks = blocks_in(leaves[i].size_bytes);
    if (number - first < blocks) return InventoryPlace{.index = i, .first_block = first};
    first += blocks;
  }
  return std::nullopt;
}

InventoryTop::InventoryTop() : nodes_(2 * kInventoryFolders) {}

Result<InventoryTop> InventoryTop::make(std::span<const InventoryBranch> folders) {
  CHECK_BUG(folders.size() == kInventoryFolders);
  InventoryTop top;
  std::uint64_t blocks = 0, bytes = 0;
  for (const auto& folder : folders) {
    blocks += folder.blocks;
    bytes += folder.bytes;
    TRY_IN("inventory", check_sums(blocks, bytes));
  }
  std::ranges::copy(folders, top.nodes_.begin() + kInventoryFolders);
  for (std::size_t node = kInventoryFolders; --node > 0;) top.join(node);
  return top;
}

void InventoryTop::join(std::size_t node) {
  const InventoryBranch &left = nodes_[2 * node], &right = nodes_[2 * node + 1];
  if (left.empty() || right.empty())
    nodes_[node] = left.empty() ? right : left;
  else
    nodes_[node] = branch_of(
        InventoryNode{.bits = depth_of(node), .prefix = prefix_of(node), .left = left, .right = right});
}

Result<void> InventoryTop::set(std::size_t folder, const InventoryBranch& branch) {
  CHECK_BUG(folder < kInventoryFolders);
  std::size_t node = kInventoryFolders + folder;
  TRY_IN("inventory", check_sums(root().blocks - nodes_[node].blocks + branch.blocks,
                                 root().bytes - nodes_[node].bytes + branch.bytes));
  nodes_[node] = branch;
  while ((node /= 2) > 0) join(node);
  return {};
}

InventoryTop::Way InventoryTop::way_to(const PieceId& piece) const {
  Way way;
  while (way.stop < kInventoryFolders && !nodes_[way.stop].empty()) {
    const InventoryBranch &left = nodes_[2 * way.stop], &right = nodes_[2 * way.stop + 1];
    const unsigned bits = depth_of(way.stop);
    const bool wanted = key_bit(piece, bits);
    bool side = left.empty();
    if (!left.empty() && !right.empty()) {
      if (!way.own) break;  // a node with another prefix
      side = wanted;
      way.steps.push_back({.bits = bits, .sibling = side ? left : right});
    }
    way.own = way.own && side == wanted;
    way.stop = 2 * way.stop + (side ? 1 : 0);
  }
  return way;
}

std::optional<std::size_t> InventoryTop::folder_for(const PieceId& piece) const {
  const Way way = way_to(piece);
  if (way.stop < kInventoryFolders) return std::nullopt;
  return way.stop - kInventoryFolders;
}

std::optional<InventoryPlace> InventoryTop::locate_folder(std::uint64_t number) const {
  if (number >= root().blocks) return std::nullopt;
  std::size_t node = 1;
  std::uint64_t first = 0;
  while (node < kInventoryFolders) {
    node *= 2;
    if (number - first >= nodes_[node].blocks) first += nodes_[node++].blocks;
  }
  return InventoryPlace{.index = node - kInventoryFolders, .first_block = first};
}

Result<InventoryPath> InventoryTop::path_to(const PieceId& piece, Leaves leaves) const {
  Way way = way_to(piece);
  InventoryPath out{.steps = std::move(way.steps), .end = {}};
  if (way.stop >= kInventoryFolders) {
    TRY(check_leaves(leaves));
    if (leaves.empty() || walk(leaves, piece, out) != nodes_[way.stop])
      return fail(Code::integrity,
                  fmt::format("inventory: the leaves of folder {:03x} are not those of this tree",
                              way.stop - kInventoryFolders));
  } else if (!root().empty()) {
    out.end = InventoryNode{.bits = depth_of(way.stop),
                            .prefix = prefix_of(way.stop),
                            .left = nodes_[2 * way.stop],
                            .right = nodes_[2 * way.stop + 1]};
  }
  return out;
}

}  // namespace inxt::proof
