// SPDX-License-Identifier: LGPL-3.0-or-later
// Reed-Solomon over the shards of a segment: systematic, Cauchy, GF(2^8) with polynomial 0x11d, by ISA-L.
// Format: inxt-piece(5), "Parity".  Parity row i (i = K to K+M-1), column j has the coefficient inverse(i XOR
// j), so any K of the K+M shards give back all others.  Pure: no IO, the same bytes on every machine.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace inxt::erasure {

inline constexpr std::uint32_t kDataShardsMax = 64;
inline constexpr std::uint32_t kParityShardsMax = 64;
inline constexpr std::size_t kShardAlignBytes = 16;  // shard sizes are multiples of this

/// A shard to be computed and the room for it.
struct Wanted {
  std::uint32_t shard = 0;  // 0 to K-1 data, K to K+M-1 parity
  ByteSpan out;             // as long as the shards that are there; overlaps none of them
};

/// The code for one K and M.  Immutable: threads may share it.  Memory: 32 * K * M bytes of tables.
class Codec {
 public:
  /// Errors: usage when K is not 1 to kDataShardsMax or M is past kParityShardsMax.
  static Result<Codec> make(std::uint32_t data_shards, std::uint32_t parity_shards);

  std::uint32_t data_shards() const { return data_; }
  std::uint32_t parity_shards() const { return parity_; }
  std::uint32_t shards() const { return data_ + parity_; }

  /// Computes all M parity shards.
  /// REQUIRES: K data and M parity views, all of one size, a multiple of kShardAlignBytes; M may be 0.
  /// Cost: 24 GB/s of data for 4+2, 7 for 20+8, 1 for 29+51, on one core.
  void encode(std::span<const ByteView> data, std::span<const ByteSpan> parity) const;

  /// Computes any shards, data or parity, from any K others.
  /// `shards` has K+M views in shard order; an empty one is a shard that is not there.
  /// REQUIRES: the views that are there and the wanted ones have one size, a multiple of kShardAlignBytes;
  ///           a wanted shard is not there.
  /// Errors: too_few_pieces when fewer than K shards are there (it says how many); nothing is written then.
  /// Cost: as encode with as many parity shards as are wanted, and K^3 table look-ups (1 ms for K = 64).
  Result<void> rebuild(std::span<const ByteView> shards, std::span<const Wanted> wanted) const;

 private:
  Codec(std::uint32_t data_shards, std::uint32_t parity_shards);

  std::uint32_t data_ = 0;
  std::uint32_t parity_ = 0;
  std::vector<unsigned char> matrix_;  // K+M rows of K coefficients: the identity, then Cauchy
  std::vector<unsigned char> tables_;  // ISA-L's form of the parity rows
};

}  // namespace inxt::erasure
