// SPDX-License-Identifier: LGPL-3.0-or-later
// Chained sampling: each block number depends on the bytes of the block before, so that a Host which fetches
// blocks from elsewhere pays a round trip for each.  Format: inxt-proof(5), "Chain".
//
// What a number hangs on is a hash of the block *under the challenge*.  The block's leaf hash would not do: a
// Host that keeps its hash trees (a hundredth of the data) knows all leaf hashes, would draw the whole chain
// by itself, and fetch all blocks in one round trip.
#pragma once

#include "proof/tree.h"

namespace inxt::proof {

/// What the next draw hangs on; `previous` in requests.  A type of its own, so that no other hash is taken for it.
struct ChainLink {
  Hash hash{};
  bool operator==(const ChainLink&) const = default;
};

/// What sample 0 hangs on, and every sample behind one that showed no block.
inline constexpr ChainLink kChainStart{};

/// What the draw behind a block hangs on: H(L(inxt/v1/chain-link, challenge || the block's bytes)).  Nobody can
/// compute it without the block, nor before the challenge is known.
/// `block`: as the proof line shows it.  Cost: one hash of the block.
ChainLink chain_link(const Hash& challenge, ByteView block);

/// The block that sample `number` of the chain asks for, 0 to blocks - 1, uniformly and with replacement.
/// `challenge`: challenge_hash().  `previous`: chain_link() of the block shown before, or kChainStart.
/// REQUIRES: blocks > 0.  Cost: one hash; two where the draw is refused, which below 2^40 blocks happens once
/// in 2^24 draws.
std::uint64_t chain_draw(const Hash& challenge, std::uint64_t number, const ChainLink& previous,
                         std::uint64_t blocks);

}  // namespace inxt::proof
