// SPDX-License-Identifier: AGPL-3.0-or-later
#include "proof/tree.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "crypto/random.h"
#include "support/hex.h"

using namespace inxt;
using namespace inxt::proof;
using inxt::testing::hex;
using inxt::testing::hex_array;

namespace {

// RFC 9162, sections 2.1.1 and 2.1.3.1, word for word: the second opinion on the level-by-level way.
std::size_t largest_power_below(std::size_t n) {
  std::size_t k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

Hash mth(std::span<const Hash> leaves) {
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = largest_power_below(leaves.size());
  return node_hash(mth(leaves.first(k)), mth(leaves.subspan(k)));
}

Path path_by_rfc(std::size_t m, std::span<const Hash> leaves) {
  if (leaves.size() == 1) return {};
  const std::size_t k = largest_power_below(leaves.size());
  Path path = m < k ? path_by_rfc(m, leaves.first(k)) : path_by_rfc(m - k, leaves.subspan(k));
  path.push_back(m < k ? mth(leaves.subspan(k)) : mth(leaves.first(k)));
  return path;
}

Tree tree_of(std::vector<Hash> leaves) {
  const std::uint64_t size_bytes = leaves.size() * kBlockBytes;
  return Tree(size_bytes, std::move(leaves));
}

std::vector<Hash> random_leaves(std::size_t count, crypto::Random& random) {
  std::vector<Hash> leaves(count);
  for (Hash& leaf : leaves) leaf = random.bytes<32>();
  return leaves;
}

Bytes pattern(std::size_t bytes) {
  Bytes out(bytes);
  for (std::size_t i = 0; i < bytes; ++i) out[i] = static_cast<std::byte>(i * 7 + i / 251);
  return out;
}

}  // namespace

// The published vectors of Certificate Transparency: google/certificate-transparency,
// cpp/merkletree/merkle_tree_test.cc, for the tree that RFC 6962 and RFC 9162 share.
TEST_CASE("tree heads and paths agree with the Certificate Transparency vectors") {
  std::vector<Hash> leaves;
  for (std::string_view input :
       {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"})
    leaves.push_back(leaf_hash(hex(input)));
  const std::string_view heads[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  for (std::size_t count = 1; count <= 8; ++count)
    CHECK(to_hex(tree_head(std::span(leaves).first(count))) == heads[count - 1]);

  auto path = [&](std::size_t index, std::size_t count) {
    const Tree tree = tree_of({leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(count)});
    std::vector<std::string> out;
    for (const Hash& hash : tree.path(index)) out.push_back(to_hex(hash));
    return out;
  };
  using Texts = std::vector<std::string>;
  CHECK(path(0, 1) == Texts{});
  CHECK(path(0, 8) == Texts{"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"});
  CHECK(path(5, 8) == Texts{"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"});
  CHECK(path(2, 3) == Texts{"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"});
  CHECK(path(1, 5) == Texts{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"});
}

TEST_CASE("every path of every tree leads to its head, and is the RFC's") {
  crypto::SeededRandom random(1);
  for (std::size_t count = 1; count <= 70; ++count) {
    CAPTURE(count);
    const Tree tree = tree_of(random_leaves(count, random));
    REQUIRE(tree.head() == mth(tree.leaves()));
    for (std::size_t index = 0; index < count; ++index) {
      const Path path = tree.path(index);
      REQUIRE(path == path_by_rfc(index, tree.leaves()));
      REQUIRE(path.size() == path_hashes(index, count));
      REQUIRE(head_from_path(tree.leaves()[index], index, count, path) == tree.head());
    }
  }
  const Tree largest = tree_of(random_leaves(kPieceBlocksMax, random));
  CHECK(largest.head() == mth(largest.leaves()));
  CHECK(largest.path(300) == path_by_rfc(300, largest.leaves()));
  CHECK(largest.path(300).size() == kPathHashesMax);
}

TEST_CASE("a path of another length, index or count, or with another hash, does not lead to the head") {
  crypto::SeededRandom random(2);
  for (std::size_t count : {1, 2, 3, 5, 6, 7, 8, 11, 64, 65, 100, 512}) {
    const Tree tree = tree_of(random_leaves(count, random));
    for (std::size_t index = 0; index < count; index += 1 + count / 13) {
      CAPTURE(count);
      CAPTURE(index);
      const Hash& leaf = tree.leaves()[index];
      const Path path = tree.path(index);
      for (std::size_t other = 0; other < count + 70; ++other)
        if (other != index) REQUIRE(head_from_path(leaf, other, count, path) != tree.head());
      REQUIRE_FALSE(head_from_path(leaf, count, count, path));
      REQUIRE_FALSE(head_from_path(leaf, ~std::uint64_t{0}, count, path));
      REQUIRE_FALSE(head_from_path(leaf, 0, 0, path));
      Path longer = path;
      longer.push_back(leaf);
      REQUIRE_FALSE(head_from_path(leaf, index, count, longer));
      if (path.empty()) continue;
      REQUIRE_FALSE(head_from_path(leaf, index, count, std::span(path).first(path.size() - 1)));
      for (std::size_t i = 0; i < path.size(); ++i) {
        Path altered = path;
        altered[i][31] ^= std::byte{1};
        REQUIRE(head_from_path(leaf, index, count, altered) != tree.head());
      }
      // An inner node is not a leaf: a shortened path from it is refused.
      const Hash parent = index % 2 ? node_hash(path[0], leaf) : node_hash(leaf, path[0]);
      REQUIRE(head_from_path(parent, index / 2, count, std::span(path).subspan(1)) != tree.head());
    }
  }
}

// Computed by an independent Python program from the format's text: byte i of a piece is (7 i + i / 251) mod
// 256.
TEST_CASE("piece ids are fixed") {
  for (auto [bytes, id] : {std::pair<std::size_t, std::string_view>{
                               1, "89168c752d7249379745c3de11f729fb07ddfa2c56f329d644ec82f3e77e7097"},
                           {4096, "014b4674ffc71a6be52670ac8e75d677c78e8947c2aaa20c12b33c2516f21ee5"},
                           {4097, "b8807f2d7d204a310b0c99b126887cede4a9b4b9c2f94691644255835bbd9232"},
                           {300'000, "47af119ef16860d70d90f1a1f2f268ef19c97ca75c38662eec136dfc1ba2f0fe"},
                           {2'097'152, "513b204757db518649fde3380a2988da60e8fd57affeb3d94b226ca86f29776d"}}) {
    CHECK(piece_id_of(pattern(bytes)).hex() == id);
    CHECK(Tree(pattern(bytes)).id().hex() == id);
  }
  const Tree tree(pattern(5000));
  CHECK(tree.blocks() == 2);
  CHECK(tree.leaves()[1] == leaf_hash(ByteView(pattern(5000)).subspan(4096)));
}

TEST_CASE("a piece that comes in parts has the same tree") {
  crypto::SeededRandom random(3);
  for (int i = 0; i < 60; ++i) {
    const Bytes piece = pattern(1 + random.below(i % 2 ? 100'000 : 10'000));
    const std::size_t part_max = 1 + random.below(20'000);
    TreeBuilder builder;
    for (std::size_t done = 0; done < piece.size();) {
      const std::size_t part = std::min<std::size_t>(random.below(part_max + 1), piece.size() - done);
      REQUIRE(builder.update(ByteView(piece).subspan(done, part)));
      done += part;
      REQUIRE(builder.size_bytes() == done);
    }
    auto tree = std::move(builder).finish();
    REQUIRE(tree);
    CHECK(tree->id() == piece_id_of(piece));
  }
}

TEST_CASE("a piece in parts is neither empty nor too large") {
  CHECK(TreeBuilder().finish().error().code == Code::integrity);
  TreeBuilder full;
  REQUIRE(full.update(Bytes(kPieceBytesMax)));
  auto more = full.update(Bytes(1));
  REQUIRE_FALSE(more);
  CHECK(more.error().code == Code::integrity);
  CHECK(more.error().what.find("kPieceBytesMax") != std::string::npos);
  CHECK_FALSE(TreeBuilder().update(Bytes(kPieceBytesMax + 1)));
}

TEST_CASE("blocks are counted without overflow") {
  CHECK(blocks_in(0) == 0);
  CHECK(blocks_in(1) == 1);
  CHECK(blocks_in(4096) == 1);
  CHECK(blocks_in(4097) == 2);
  CHECK(blocks_in(~std::uint64_t{0}) == std::uint64_t{1} << 52);
  CHECK(block_bytes(4097, 0) == 4096);
  CHECK(block_bytes(4097, 1) == 1);
  CHECK(block_bytes(8192, 1) == 4096);
}
