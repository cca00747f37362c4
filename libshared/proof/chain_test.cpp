// SPDX-License-Identifier: LGPL-3.0-or-later
#include "proof/chain.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "crypto/labels.h"
#include "proof/challenge.h"

namespace inxt::proof {
namespace {

Hash hash_of(unsigned number) {
  return crypto::sha256(big_endian(std::uint64_t{number}));
}

TEST_CASE("a chain's draw is the label, challenge, number, previous hash and attempt, big-endian") {
  const auto challenge = hash_of(1), previous = hash_of(2);
  crypto::Sha256 hash;
  hash.update(view_of("inxt/v1/chain"));
  hash.update(Bytes(1));
  hash.update(challenge);
  hash.update(big_endian(std::uint64_t{7}));
  hash.update(previous);
  hash.update(big_endian(std::uint64_t{0}));
  const auto digest = hash.digest();
  const auto draw = from_big_endian<std::uint64_t>(ByteView(digest).first(8));
  CHECK(chain_draw(challenge, 7, ChainLink{previous}, 1'000'000'007) == draw % 1'000'000'007);
  CHECK(chain_draw(challenge, 7, ChainLink{previous}, 1) == 0);
}

TEST_CASE("what a draw hangs on needs the block and the challenge, and is not the block's leaf hash") {
  const Bytes block(4096, std::byte{5});
  crypto::Sha256 hash;
  hash.update(view_of("inxt/v1/chain-link"));
  hash.update(Bytes(1));
  hash.update(hash_of(1));
  hash.update(block);
  CHECK(chain_link(hash_of(1), block).hash == hash.digest());
  CHECK(chain_link(hash_of(1), block) != chain_link(hash_of(2), block));
  CHECK(chain_link(hash_of(1), block) != chain_link(hash_of(1), ByteView(block).first(4095)));
  CHECK(chain_link(hash_of(1), block).hash != leaf_hash(block));
}

TEST_CASE("a refused draw is drawn again with the next attempt") {
  // Of 2^63 + 1 blocks, draws from 2^63 + 1 on are refused: half of them.
  const std::uint64_t blocks = (std::uint64_t{1} << 63) + 1;
  unsigned again = 0;
  for (unsigned number = 0; number < 64; ++number) {
    std::uint64_t attempt = 0;
    std::uint64_t draw;
    do {
      const auto digest = crypto::labelled_hash(
          crypto::label::kChain,
          {hash_of(3), big_endian(std::uint64_t{number}), kChainStart.hash, big_endian(attempt)});
      draw = from_big_endian<std::uint64_t>(ByteView(digest).first(8));
      ++attempt;
    } while (draw >= blocks);
    if (attempt > 1) ++again;
    CHECK(chain_draw(hash_of(3), number, kChainStart, blocks) == draw);
  }
  CHECK(again > 10);
}

TEST_CASE("every input changes what is asked next, and all blocks are asked alike") {
  constexpr std::uint64_t kBlocks = 16, kDraws = 16'000;
  std::vector<std::uint64_t> times(kBlocks);
  ChainLink previous = kChainStart;
  for (std::uint64_t number = 0; number < kDraws; ++number) {
    const auto block = chain_draw(hash_of(9), number, previous, kBlocks);
    REQUIRE(block < kBlocks);
    ++times[block];
    previous = chain_link(hash_of(9), big_endian(block));
  }
  // 1,000 each, with a deviation of 31: six of them.
  for (const auto count : times) CHECK((count > 814 && count < 1186));

  const std::uint64_t many = std::uint64_t{1} << 40;
  const std::set<std::uint64_t> draws{
      chain_draw(hash_of(1), 0, kChainStart, many), chain_draw(hash_of(2), 0, kChainStart, many),
      chain_draw(hash_of(1), 1, kChainStart, many), chain_draw(hash_of(1), 0, ChainLink{hash_of(1)}, many)};
  CHECK(draws.size() == 4);
}

}  // namespace
}  // namespace inxt::proof
