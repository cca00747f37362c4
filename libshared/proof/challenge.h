// SPDX-License-Identifier: LGPL-3.0-or-later
// An audit's question: which blocks of which pieces a Host must show.  Everybody who knows the set, the Host
// and the beacon derives the same samples; nobody can before the beacon is published.  Format: inxt-proof(5),
// "Challenge".
#pragma once

#include <compare>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "crypto/hash.h"

namespace inxt::proof {

using crypto::Hash;
using Beacon = ByteArray<32>;  // public randomness that did not exist when the set was committed to

inline constexpr std::uint64_t kSamplesDefault = 460;        // find 1 % damage with 99 % probability
inline constexpr std::uint64_t kSamplesMax = 65536;          // of one challenge: 256 MiB of answers
inline constexpr std::uint64_t kSamplesPerRequestMax = 256;  // of one request to a Host: 1 MiB of answers
inline constexpr std::uint64_t kSetPiecesMax = std::uint64_t{1} << 31;  // so that blocks stay below 2^40

/// A piece that a Host says it holds.
struct SetPiece {
  PieceId id;
  std::uint64_t size_bytes = 0;
  auto operator<=>(const SetPiece&) const = default;
};

/// A block of the set's piece number `piece` (in the set's order).
struct Sample {
  std::size_t piece = 0;
  std::uint64_t block = 0;
  auto operator<=>(const Sample&) const = default;
};

/// The pieces that an audit of one Host draws from: sorted by id, each once.
class AuditSet {
 public:
  /// Takes the pieces in any order; the same piece twice counts once.
  /// Errors: usage when there is none or more than kSetPiecesMax; integrity when a size is not 1 to
  /// kPieceBytesMax, or when one id comes with two sizes.
  static Result<AuditSet> make(std::vector<SetPiece> pieces);

  std::span<const SetPiece> pieces() const { return pieces_; }
  const SetPiece& piece(const Sample& sample) const { return pieces_[sample.piece]; }
  std::uint64_t blocks() const { return first_block_.back(); }
  std::uint64_t bytes() const { return bytes_; }
  /// H("inxt/v1/audit-set", 0, count u64, then id and size u64 of each piece): the commitment.
  const Hash& hash() const { return hash_; }

  /// Block `number` of all, counted over the sorted set.  REQUIRES: number < blocks().  Cost: log2 of the
  /// pieces.
  Sample at(std::uint64_t number) const;

 private:
  std::vector<SetPiece> pieces_;
  std::vector<std::uint64_t> first_block_;  // of each piece, and the count of all behind the last
  std::uint64_t bytes_ = 0;
  Hash hash_{};
};

/// What is asked of one Host.
struct Challenge {
  Hash hash{};                  // of the whole challenge: what an answer must name
  std::vector<Sample> samples;  // distinct, in the order they were drawn
};

/// H("inxt/v1/challenge", 0, beacon, host, set hash, n u64).
Hash challenge_hash(const Beacon& beacon, const HostId& host, const Hash& set_hash, std::uint64_t samples);

/// The block number that a draw stands for; nothing for draws from floor(2^64 / blocks) * blocks on, which
/// are refused so that every block is drawn as often.  REQUIRES: blocks > 0.
std::optional<std::uint64_t> block_of_draw(std::uint64_t draw, std::uint64_t blocks);

/// Draws `samples` distinct numbers below `blocks`, uniformly, from SHA-256("inxt/v1/sample", 0, challenge,
/// counter u64), in the order they were drawn.  `challenge`: challenge_hash().  REQUIRES: samples <= blocks.
/// Cost: one hash a draw; n ln n draws when all blocks are asked for.
std::vector<std::uint64_t> draw_numbers(const Hash& challenge, std::uint64_t blocks, std::uint64_t samples);

/// The blocks of min(asked, set.blocks()) such numbers. Errors: usage when `asked` is 0 or past kSamplesMax. Cost: one hash a draw; n ln n draws when all
/// blocks are asked for.
Result<Challenge> derive_challenge(const Beacon& beacon, const HostId& host, const AuditSet& set,
                                   std::uint64_t asked = kSamplesDefault);

}  // namespace inxt::proof
