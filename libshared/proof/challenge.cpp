// SPDX-License-Identifier: LGPL-3.0-or-later
#include "proof/challenge.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/check.h"
#include "crypto/labels.h"
#include "proof/tree.h"

namespace inxt::proof {

static_assert(kSetPiecesMax * kPieceBlocksMax <= std::uint64_t{1} << 40);

Result<AuditSet> AuditSet::make(std::vector<SetPiece> pieces) {
  std::sort(pieces.begin(), pieces.end());
  pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
  if (pieces.empty()) return fail(Code::usage, "there is no piece to audit");
  if (pieces.size() > kSetPiecesMax)
    return fail(Code::usage, fmt::format("{} pieces are more than one audit draws from (kSetPiecesMax, {})",
                                         pieces.size(), kSetPiecesMax));
  AuditSet set;
  set.first_block_.reserve(pieces.size() + 1);
  set.first_block_.push_back(0);
  crypto::Sha256 hash(crypto::label::kAuditSet);
  hash.update(big_endian(static_cast<std::uint64_t>(pieces.size())));
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const SetPiece& piece = pieces[i];
    if (piece.size_bytes < 1 || piece.size_bytes > kPieceBytesMax)
      return fail(Code::integrity,
                  fmt::format("piece {}: its size, {}, is not between 1 and {} (kPieceBytesMax)",
                              piece.id.hex(), piece.size_bytes, kPieceBytesMax));
    if (i > 0 && pieces[i - 1].id == piece.id)
      return fail(Code::integrity, fmt::format("piece {} comes with two sizes, {} and {}", piece.id.hex(),
                                               pieces[i - 1].size_bytes, piece.size_bytes));
    hash.update(piece.id.view());
    hash.update(big_endian(piece.size_bytes));
    set.bytes_ += piece.size_bytes;
    set.first_block_.push_back(set.first_block_.back() + blocks_in(piece.size_bytes));
  }
  set.hash_ = hash.digest();
  set.pieces_ = std::move(pieces);
  return set;
}

Sample AuditSet::at(std::uint64_t number) const {
  CHECK_BUG(number < blocks());
  const auto after = std::upper_bound(first_block_.begin(), first_block_.end(), number);
  const auto piece = static_cast<std::size_t>(after - first_block_.begin() - 1);
  return {piece, number - first_block_[piece]};
}

Hash challenge_hash(const Beacon& beacon, const HostId& host, const Hash& set_hash, std::uint64_t samples) {
  const auto count = big_endian(samples);
  return crypto::labelled_hash(crypto::label::kChallenge, {beacon, host.view(), set_hash, count});
}

std::optional<std::uint64_t> block_of_draw(std::uint64_t draw, std::uint64_t blocks) {
  CHECK_BUG(blocks > 0);
  // Where blocks divide 2^64, the limit is 2^64 itself and nothing is refused: hence the largest draw that is
  // taken.
  const std::uint64_t largest = ~std::uint64_t{0} - (std::uint64_t{0} - blocks) % blocks;
  if (draw > largest) return std::nullopt;
  return draw % blocks;
}

std::vector<std::uint64_t> draw_numbers(const Hash& challenge, std::uint64_t blocks, std::uint64_t samples) {
  CHECK_BUG(samples <= blocks);
  std::vector<std::uint64_t> numbers;
  numbers.reserve(samples);
  std::unordered_set<std::uint64_t> drawn;
  for (std::uint64_t counter = 0; numbers.size() < samples; ++counter) {
    const Hash hash = crypto::labelled_hash(crypto::label::kSample, {challenge, big_endian(counter)});
    const auto draw = from_big_endian<std::uint64_t>(ByteView(hash).first(8));
    const auto number = block_of_draw(draw, blocks);
    if (number && drawn.insert(*number).second) numbers.push_back(*number);
  }
  return numbers;
}

Result<Challenge> derive_challenge(const Beacon& beacon, const HostId& host, const AuditSet& set,
                                   std::uint64_t asked) {
  if (asked < 1 || asked > kSamplesMax)
    return fail(Code::usage,
                fmt::format("{} samples are not between 1 and {} (kSamplesMax)", asked, kSamplesMax));
  const std::uint64_t blocks = set.blocks();
  const std::uint64_t samples = std::min(asked, blocks);
  Challenge challenge;
  challenge.hash = challenge_hash(beacon, host, set.hash(), samples);
  challenge.samples.reserve(samples);
  for (const auto number : draw_numbers(challenge.hash, blocks, samples)) challenge.samples.push_back(set.at(number));
  return challenge;
}

}  // namespace inxt::proof
