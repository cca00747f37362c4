// SPDX-License-Identifier: AGPL-3.0-or-later
#include "proof/inventory.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

#include "crypto/labels.h"
#include "proof/inventory_contracts.h"
#include "proof/inventory_tree.h"
#include "proof/tree.h"
#include "support/lines.h"

namespace inxt::proof {
namespace {

using testing::says;

using Leaves = std::vector<InventoryLeaf>;

/// The tree as the manual draws it: bit by bit, from the first, with no regard to cost.
InventoryBranch plain_tree(const Leaves& leaves, unsigned bit = 0) {
  if (leaves.empty()) return {};
  if (leaves.size() == 1) {
    const auto& leaf = leaves[0];
    Bytes text = copy_of(leaf.piece.view());
    append(text, big_endian(leaf.size_bytes));
    append(text, big_endian(leaf.contracts));
    append(text, leaf.contracts_root);
    return {crypto::labelled_hash("inxt/v1/inventory-leaf", {text}), (leaf.size_bytes + 4095) / 4096,
            leaf.size_bytes};
  }
  Leaves sides[2];
  for (const auto& leaf : leaves)
    sides[std::to_integer<unsigned>(leaf.piece.bytes[bit / 8]) >> (7 - bit % 8) & 1U].push_back(leaf);
  if (sides[0].empty()) return plain_tree(sides[1], bit + 1);
  if (sides[1].empty()) return plain_tree(sides[0], bit + 1);
  Bytes text = copy_of(big_endian(static_cast<std::uint16_t>(bit)));
  PieceId prefix = leaves[0].piece;
  for (unsigned i = bit; i < 256; ++i) prefix.bytes[i / 8] &= ~std::byte(0x80U >> i % 8);
  append(text, prefix.view());
  InventoryBranch out;
  for (const auto& side : sides) {
    const auto below = plain_tree(side, bit + 1);
    append(text, below.hash);
    append(text, big_endian(below.blocks));
    append(text, big_endian(below.bytes));
    out.blocks += below.blocks;
    out.bytes += below.bytes;
  }
  out.hash = crypto::labelled_hash("inxt/v1/inventory-node", {text});
  return out;
}

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t end) {
    return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(engine_);
  }
  PieceId id() {
    PieceId out;
    for (auto& byte : out.bytes) byte = static_cast<std::byte>(below(256));
    return out;
  }
  /// Shares the first `bits` bits with `other`, and differs in the next.
  PieceId like(const PieceId& other, unsigned bits) {
    PieceId out = id();
    const PieceId prefix = key_prefix(other, bits), own = key_prefix(out, bits);
    for (std::size_t i = 0; i < 32; ++i) out.bytes[i] ^= own.bytes[i] ^ prefix.bytes[i];
    if (bits < kKeyBits && key_bit(out, bits) == key_bit(other, bits))
      out.bytes[bits / 8] ^= std::byte(0x80U >> bits % 8);
    return out;
  }
  InventoryLeaf leaf(const PieceId& piece) {
    InventoryLeaf out{.piece = piece,
                      .size_bytes = 1 + below(below(2) == 0 ? 10'000 : kPieceBytesMax),
                      .contracts = 1 + static_cast<std::uint32_t>(below(3)),
                      .contracts_root = {}};
    out.contracts_root = id().bytes;
    return out;
  }

 private:
  std::mt19937_64 engine_;
};

Leaves leaves_of(Chance& chance, const std::vector<PieceId>& pieces) {
  std::map<PieceId, InventoryLeaf> sorted;
  for (const auto& piece : pieces) sorted.emplace(piece, chance.leaf(piece));
  Leaves out;
  for (const auto& [piece, leaf] : sorted) out.push_back(leaf);
  return out;
}

/// Key sets that a tree could get wrong.
std::vector<Leaves> key_sets() {
  Chance chance(4);
  std::vector<Leaves> sets{{}};
  const auto add = [&](const std::vector<PieceId>& pieces) { sets.push_back(leaves_of(chance, pieces)); };
  PieceId zeros, ones;
  ones.bytes.fill(std::byte{0xff});
  add({zeros});
  add({ones});
  add({zeros, ones});
  for (const unsigned bits : {0U, 1U, 7U, 8U, 11U, 12U, 13U, 99U, 254U, 255U}) {
    const auto piece = chance.id();
    add({piece, chance.like(piece, bits)});
  }
  {  // a comb: one key at each of the first 90 bits
    const auto piece = chance.id();
    std::vector<PieceId> pieces{piece};
    for (unsigned bits = 0; bits < 90; ++bits) pieces.push_back(chance.like(piece, bits));
    add(pieces);
  }
  for (const unsigned bits : {12U, 20U, 248U}) {  // one folder, long common prefixes
    const auto piece = chance.id();
    std::vector<PieceId> pieces;
    for (int i = 0; i < 60; ++i)
      pieces.push_back(chance.like(piece, bits + static_cast<unsigned>(chance.below(kKeyBits - bits))));
    add(pieces);
  }
  for (const std::size_t count : {2UL, 3UL, 10UL, 100UL, 1000UL, 9000UL}) {
    std::vector<PieceId> pieces;
    for (std::size_t i = 0; i < count; ++i) pieces.push_back(chance.id());
    add(pieces);
  }
  for (int round = 0; round < 40; ++round) {  // clusters
    std::vector<PieceId> pieces{chance.id()};
    for (std::size_t count = chance.below(40); count > 0; --count)
      pieces.push_back(
          chance.like(pieces[chance.below(pieces.size())], static_cast<unsigned>(chance.below(90))));
    add(pieces);
  }
  return sets;
}

std::span<const InventoryLeaf> folder_of(const Leaves& leaves, std::size_t folder) {
  const auto [first, last] = std::ranges::equal_range(
      leaves, folder, {}, [](const auto& leaf) { return inventory_folder(leaf.piece); });
  return {first, last};
}

InventoryTop top_of(const Leaves& leaves) {
  std::vector<InventoryBranch> folders(kInventoryFolders);
  for (std::size_t i = 0; i < folders.size(); ++i)
    folders[i] = inventory_branch(folder_of(leaves, i)).value();
  return InventoryTop::make(folders).value();
}

InventoryPath path_by_folders(const InventoryTop& top, const Leaves& leaves, const PieceId& piece) {
  const auto folder = top.folder_for(piece);
  return top.path_to(piece, folder ? folder_of(leaves, *folder) : std::span<const InventoryLeaf>()).value();
}

Leaves three_leaves() {
  Chance chance(1);
  return leaves_of(chance, {chance.id(), chance.id(), chance.id()});
}

TEST_CASE("trees by leaves and by folders are the plain tree, and prove each piece and its absence") {
  Chance chance(5);
  std::size_t included = 0, excluded = 0, ends[3] = {};
  for (const auto& leaves : key_sets()) {
    CAPTURE(leaves.size());
    const auto root = plain_tree(leaves);
    CHECK(inventory_branch(leaves).value() == root);
    const auto top = top_of(leaves);
    CHECK(top.root() == root);

    std::uint64_t first = 0;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      const auto& leaf = leaves[i];
      const auto blocks = blocks_in(leaf.size_bytes);
      if (leaves.size() < 300 || i % 97 == 0) {
        const auto path = inventory_path(leaves, leaf.piece).value();
        REQUIRE(path.includes(leaf.piece));
        CHECK(path == path_by_folders(top, leaves, leaf.piece));
        CHECK(std::get<InventoryLeaf>(path.end) == leaf);
        const auto shown = verify_inclusion(leaf, path.steps);
        REQUIRE(shown);
        CHECK(shown->root == root);
        CHECK(shown->first_block == first);
        CHECK_FALSE(verify_exclusion(leaf.piece, path));
        for (const auto number : {first, first + blocks - 1}) {
          const auto place = locate_leaf(leaves, number);
          CHECK((place && place->index == i && place->first_block == first));
          const auto folder = top.locate_folder(number);
          REQUIRE(folder);
          CHECK(folder->index == inventory_folder(leaf.piece));
          const auto within = folder_of(leaves, folder->index);
          const auto inner = locate_leaf(within, number - folder->first_block);
          CHECK((inner && within[inner->index] == leaf && folder->first_block + inner->first_block == first));
        }
        ++included;
      }
      first += blocks;
    }
    CHECK(first == root.blocks);
    CHECK_FALSE(locate_leaf(leaves, first));
    CHECK_FALSE(top.locate_folder(first));

    std::vector<PieceId> absent{PieceId{}, chance.id(), chance.id()};
    for (std::size_t i = 0; i < std::min<std::size_t>(leaves.size(), 60); ++i)
      absent.push_back(chance.like(leaves[chance.below(leaves.size())].piece,
                                   static_cast<unsigned>(chance.below(kKeyBits))));
    for (const auto& piece : absent) {
      if (std::ranges::binary_search(leaves, piece, {}, &InventoryLeaf::piece)) continue;
      const auto path = inventory_path(leaves, piece).value();
      CHECK_FALSE(path.includes(piece));
      CHECK(path == path_by_folders(top, leaves, piece));
      const auto shown = verify_exclusion(piece, path);
      REQUIRE_MESSAGE(shown, shown.error().what);
      CHECK(*shown == root);
      ++ends[path.end.index()];
      ++excluded;
    }
  }
  CHECK(included > 1000);
  CHECK(excluded > 1000);
  CHECK(std::ranges::min(ends) > 1);
}

TEST_CASE("folders that change one by one make the tree of the new set") {
  Chance chance(6);
  Leaves leaves;
  InventoryTop top;
  CHECK(top.root() == InventoryBranch{});
  const auto cluster = chance.id();
  for (int round = 0; round < 600; ++round) {
    std::size_t folder = 0;
    if (!leaves.empty() && chance.below(round < 300 ? 4 : 2) == 0) {
      const auto gone = leaves.begin() + static_cast<std::ptrdiff_t>(chance.below(leaves.size()));
      folder = inventory_folder(gone->piece);
      leaves.erase(gone);
    } else {
      const auto leaf = chance.leaf(
          round % 2 == 0 ? chance.id() : chance.like(cluster, static_cast<unsigned>(chance.below(30))));
      folder = inventory_folder(leaf.piece);
      leaves.insert(std::ranges::lower_bound(leaves, leaf.piece, {}, &InventoryLeaf::piece), leaf);
    }
    REQUIRE(top.set(folder, inventory_branch(folder_of(leaves, folder)).value()));
    CHECK(top.folder(folder) == inventory_branch(folder_of(leaves, folder)).value());
    if (round % 10 == 0) CHECK(top.root() == plain_tree(leaves));
  }
  CHECK(leaves.size() > 50);
  CHECK(top.root() == plain_tree(leaves));
  for (std::size_t folder = 0; folder < kInventoryFolders; ++folder) REQUIRE(top.set(folder, {}));
  CHECK(top.root() == InventoryBranch{});
}

TEST_CASE("leaves that are not a folder's, not sorted, or past a limit are refused") {
  auto leaves = three_leaves();
  const auto top = top_of(leaves);
  auto changed = leaves;
  changed[1].size_bytes += 1;
  const auto folder = folder_of(changed, inventory_folder(changed[1].piece));
  CHECK(says(top.path_to(changed[1].piece, folder), "not those of this tree"));
  CHECK(says(top.path_to(changed[1].piece, {}), "not those of this tree"));
  CHECK(says(inventory_branch(Leaves{leaves[1], leaves[0]}), "not behind the one before"));
  CHECK(says(inventory_branch(Leaves{leaves[0], leaves[0]}), "not behind the one before"));
  CHECK(says(inventory_path(Leaves{leaves[1], leaves[0]}, leaves[0].piece), "not behind the one before"));
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{kPieceBytesMax + 1}}) {
    leaves[0].size_bytes = size;
    CHECK(says(inventory_branch(leaves), "kPieceBytesMax"));
  }
  leaves[0].size_bytes = kPieceBytesMax;
  for (const std::uint32_t count : {0U, kLeafContractsMax + 1}) {
    leaves[0].contracts = count;
    CHECK(says(inventory_branch(leaves), "kLeafContractsMax"));
  }
  leaves[0].contracts = kLeafContractsMax;
  CHECK(inventory_branch(leaves));

  InventoryTop full;
  const std::uint64_t half = kInventoryBlocksEnd / 2;
  REQUIRE(full.set(1, {.hash = {}, .blocks = half, .bytes = half}));
  CHECK(says(full.set(2, {.hash = {}, .blocks = half, .bytes = half}), "kInventoryBlocksEnd"));
  CHECK(full.root().blocks == half);
  CHECK(full.set(2, {.hash = {}, .blocks = half - 1, .bytes = half}));
  std::vector<InventoryBranch> folders(kInventoryFolders);
  folders[7] = folders[8] = {.hash = {}, .blocks = half, .bytes = half};
  CHECK(says(InventoryTop::make(folders), "kInventoryBlocksEnd"));
}

TEST_CASE("an altered proof leads to another root, or is refused") {
  Chance chance(7);
  const auto piece = chance.id();
  std::vector<PieceId> pieces{piece};
  for (unsigned bits = 0; bits < 12; ++bits) pieces.push_back(chance.like(piece, bits * 3));
  const auto leaves = leaves_of(chance, pieces);
  const auto root = inventory_branch(leaves).value();
  const auto path = inventory_path(leaves, piece).value();
  const auto leaf = std::get<InventoryLeaf>(path.end);
  REQUIRE(path.steps.size() == 12);
  const auto leads = [&](const InventoryLeaf& end, const std::vector<InventoryStep>& steps) {
    const auto shown = verify_inclusion(end, steps);
    return shown && shown->root == root;
  };
  REQUIRE(leads(leaf, path.steps));
  auto other = leaf;
  other.size_bytes ^= 1;
  CHECK_FALSE(leads(other, path.steps));
  other = leaf;
  other.contracts = 7;
  CHECK_FALSE(leads(other, path.steps));
  other = leaf;
  other.contracts_root[0] ^= std::byte{1};
  CHECK_FALSE(leads(other, path.steps));
  other = leaf;
  other.piece = chance.like(piece, 255);
  CHECK_FALSE(leads(other, path.steps));
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    auto steps = path.steps;
    steps[i].bits += 1;
    CHECK_FALSE(leads(leaf, steps));
    steps = path.steps;
    steps[i].sibling.hash[31] ^= std::byte{1};
    CHECK_FALSE(leads(leaf, steps));
    // Sums that are moved from one sibling to another keep the total and are found all the same.
    steps = path.steps;
    steps[i].sibling.blocks += 1;
    steps[(i + 1) % steps.size()].sibling.blocks -= 1;
    CHECK_FALSE(leads(leaf, steps));
    steps = path.steps;
    steps[i].sibling.bytes += 1;
    CHECK_FALSE(leads(leaf, steps));
    steps = path.steps;
    steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK_FALSE(leads(leaf, steps));
  }
}

TEST_CASE("what cannot be a proof is refused, by name") {
  const auto leaves = three_leaves();
  const auto piece = leaves[1].piece;
  const auto path = inventory_path(leaves, piece).value();
  REQUIRE_FALSE(path.steps.empty());
  auto leaf = leaves[1];
  leaf.size_bytes = 0;
  CHECK(says(verify_inclusion(leaf, path.steps), "size: 0"));
  leaf = leaves[1];
  leaf.contracts = 0;
  CHECK(says(verify_inclusion(leaf, path.steps), "count: 0"));
  leaf = leaves[1];
  auto steps = path.steps;
  steps.push_back(steps.back());
  CHECK(says(verify_inclusion(leaf, steps), "branches at bit"));
  steps.back().bits = kKeyBits;
  CHECK(says(verify_inclusion(leaf, steps), "branches at bit 256"));
  const InventoryBranch one{.hash = {}, .blocks = 1, .bytes = 1};
  steps.clear();
  for (unsigned i = 0; i <= kStepsMax; ++i) steps.push_back({.bits = i, .sibling = one});
  CHECK(says(verify_inclusion(leaf, steps), "kStepsMax"));
  steps.pop_back();
  CHECK(verify_inclusion(leaf, steps));
  for (const auto& sums : {InventoryBranch{.hash = {}, .blocks = 0, .bytes = 0},
                           InventoryBranch{.hash = {}, .blocks = 2, .bytes = 1},
                           InventoryBranch{.hash = {}, .blocks = 1, .bytes = 4097}}) {
    steps[3].sibling = sums;
    CHECK(says(verify_inclusion(leaf, steps), "cannot be"));
  }
  steps[3].sibling = {.hash = {}, .blocks = kInventoryBlocksEnd, .bytes = kInventoryBlocksEnd};
  CHECK(says(verify_inclusion(leaf, steps), "kInventoryBlocksEnd"));
  steps[3].sibling = {.hash = {}, .blocks = kInventoryBlocksEnd - 1, .bytes = kInventoryBytesEnd};
  CHECK(says(verify_inclusion(leaf, steps), "kInventoryBytesEnd"));
  // Each is below the limit, the sum is not.
  steps[3].sibling = {.hash = {}, .blocks = kInventoryBlocksEnd - 1, .bytes = kInventoryBlocksEnd};
  CHECK(says(verify_inclusion(leaf, steps), "the sum at step 3"));

  Chance chance(8);
  const auto absent = chance.like(piece, 200);
  InventoryPath other{.steps = path.steps, .end = leaves[1]};
  CHECK(verify_exclusion(absent, other));
  other.end = leaves[2];
  CHECK(says(verify_exclusion(absent, other), "where the steps lead"));
  CHECK(says(verify_exclusion(piece, path), "the asked piece's"));
  other.end = {};
  CHECK(says(verify_exclusion(absent, other), "empty, below a node"));
  InventoryNode node{.bits = 250, .prefix = key_prefix(piece, 250), .left = one, .right = one};
  other.end = node;
  CHECK(verify_exclusion(absent, other));
  CHECK(says(verify_exclusion(piece, other), "could be below the node"));
  node.bits = 256;
  other.end = node;
  CHECK(says(verify_exclusion(absent, other), "bits: 256"));
  node.bits = 250;
  node.prefix.bytes[31] |= std::byte{1};
  other.end = node;
  CHECK(says(verify_exclusion(absent, other), "prefix:"));
  node.prefix = key_prefix(piece, 250);
  node.left = {};
  other.end = node;
  CHECK(says(verify_exclusion(absent, other), "left: 0 bytes"));
  node.left = node.right = {.hash = {}, .blocks = kInventoryBlocksEnd / 2, .bytes = kInventoryBlocksEnd};
  other.end = node;
  CHECK(says(verify_exclusion(absent, other), "kInventoryBlocksEnd"));
}

TEST_CASE("a contract is shown by its path, and its absence by the list") {
  Chance chance(9);
  for (std::size_t count = 1; count < 20; ++count) {
    std::vector<Hash> blinded;
    for (std::size_t i = 0; i < count; ++i) blinded.push_back(blinded_contract(chance.id().bytes));
    std::ranges::sort(blinded);
    auto leaf = chance.leaf(chance.id());
    leaf.contracts = static_cast<std::uint32_t>(count);
    leaf.contracts_root = contracts_root(blinded);
    std::vector<Hash> leaf_hashes;
    for (const auto& contract : blinded) leaf_hashes.push_back(leaf_hash(contract));
    CHECK(leaf.contracts_root == tree_head(leaf_hashes));
    for (std::uint32_t i = 0; i < count; ++i) {
      auto path = contract_path(blinded, i);
      CHECK(verify_contract(leaf, blinded[i], i, path));
      CHECK(says(verify_contract(leaf, chance.id().bytes, i, path), "does not lead"));
      CHECK(says(verify_contract(leaf, blinded[i], static_cast<std::uint32_t>(count), path), "index"));
      CHECK(verify_contract_list(leaf, blinded, blinded[i]).value());
      path.push_back({});
      CHECK(says(verify_contract(leaf, blinded[i], i, path), "length"));
    }
    CHECK_FALSE(verify_contract_list(leaf, blinded, chance.id().bytes).value());
    auto other = blinded;
    other.back()[31] ^= std::byte{1};
    CHECK(says(verify_contract_list(leaf, other, blinded[0]), "do not make"));
    other = blinded;
    other.push_back(other.back());
    CHECK(says(verify_contract_list(leaf, other, blinded[0]), "the leaf counts"));
    if (count == 1) continue;
    other = blinded;
    std::swap(other[0], other[1]);
    CHECK(says(verify_contract_list(leaf, other, blinded[0]), "not ascending"));
  }
}

}  // namespace
}  // namespace inxt::proof
