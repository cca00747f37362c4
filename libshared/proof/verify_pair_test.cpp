// SPDX-License-Identifier: AGPL-3.0-or-later
#include "proof/verify_pair.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

#include "crypto/random.h"

using namespace inxt;
using namespace inxt::proof;

namespace {

struct Stored {
  explicit Stored(std::size_t bytes) : piece(bytes), tree(filled(piece)) {}
  static ByteView filled(Bytes& bytes) {
    crypto::SeededRandom(bytes.size()).fill(bytes);
    return bytes;
  }
  Bytes piece;
  Tree tree;
};

struct Asked {
  PieceId piece;
  std::uint64_t size_bytes = 0, block = 0;
  Proof proof;
};

// Some sizes give the same number of hashes by other ways: a last block without a neighbour goes up as it is.
const std::vector<Stored>& pieces() {
  static const std::vector<Stored> all = [] {
    std::vector<Stored> made;
    for (std::size_t bytes : {1, 4096, 4097, 8192, 5 * 4096 + 1, 7 * 4096, 8 * 4096, 33 * 4096, 512 * 4096})
      made.emplace_back(bytes);
    return made;
  }();
  return all;
}

Asked any(std::mt19937& random) {
  const auto& stored = pieces()[random() % pieces().size()];
  // The first, the last, the odd one out, or any.
  const auto blocks = stored.tree.blocks();
  const auto block = random() % 3 == 0 ? blocks - 1 : random() % blocks;
  Asked asked{
      .piece = stored.tree.id(),
      .size_bytes = stored.piece.size(),
      .block = block,
      .proof = {
          .piece = stored.tree.id(),
          .block = block,
          .missing = false,
          .size_bytes = stored.piece.size(),
          .data = copy_of(
              ByteView(stored.piece).subspan(block * kBlockBytes, block_bytes(stored.piece.size(), block))),
          .path = stored.tree.path(block)}};
  auto& proof = asked.proof;
  switch (random() % 16) {
    case 0:
      proof.data[random() % proof.data.size()] ^= std::byte{1};
      break;
    case 1:
      if (!proof.path.empty()) proof.path[random() % proof.path.size()][31] ^= std::byte{1};
      break;
    case 2:
      if (proof.path.size() > 1) std::swap(proof.path.front(), proof.path.back());
      break;
    case 3:
      proof.path.push_back({});
      break;
    case 4:
      if (!proof.path.empty()) proof.path.pop_back();
      break;
    case 5:
      proof.data.pop_back();
      break;
    case 6:
      ++proof.size_bytes;
      break;
    case 7:
      ++proof.block;
      break;
    case 8:
      proof.piece.bytes[0] ^= std::byte{1};
      break;
    case 9:
      proof = {
          .piece = asked.piece, .block = block, .missing = true, .size_bytes = 0, .data = {}, .path = {}};
      break;
    default:
      break;
  }
  return asked;
}

}  // namespace

TEST_CASE("two proofs at once show what they show one by one") {
  std::mt19937 random(1);
  std::map<Outcome, int> seen;
  for (int i = 0; i < 5000; ++i) {
    const Asked a = any(random), b = any(random);
    const auto alone = [](const Asked& asked) {
      return verify(asked.piece, asked.size_bytes, asked.block, asked.proof);
    };
    const auto together =
        verify_pair({.piece = a.piece, .size_bytes = a.size_bytes, .block = a.block, .proof = a.proof},
                    {.piece = b.piece, .size_bytes = b.size_bytes, .block = b.block, .proof = b.proof});
    REQUIRE(together[0] == alone(a));
    REQUIRE(together[1] == alone(b));
    ++seen[together[0]];
  }
  for (const auto outcome : {Outcome::held, Outcome::missing, Outcome::other_block, Outcome::wrong_size,
                             Outcome::wrong_length, Outcome::wrong_path, Outcome::wrong_data})
    CHECK_MESSAGE(seen[outcome] > 50, outcome_name(outcome));
}
