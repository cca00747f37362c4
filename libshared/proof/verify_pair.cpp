// SPDX-License-Identifier: LGPL-3.0-or-later
#include "proof/verify_pair.h"

#include <algorithm>

#include "crypto/labels.h"
#include "crypto/sha256_pair.h"

namespace inxt::proof {
namespace {

constexpr std::byte kLeafPrefix{0x00};
constexpr std::byte kNodePrefix{0x01};

Outcome verify_alone(const ShownBlock& shown) {
  return verify(shown.piece, shown.size_bytes, shown.block, shown.proof);
}

/// Whether only its hashes can still be wrong.
bool is_in_shape(const ShownBlock& shown) {
  const auto& proof = shown.proof;
  return proof.piece == shown.piece && proof.block == shown.block && !proof.missing &&
         proof.size_bytes == shown.size_bytes &&
         proof.data.size() == block_bytes(shown.size_bytes, shown.block) &&
         proof.path.size() == path_hashes(shown.block, blocks_in(shown.size_bytes));
}

/// The way of one proof from its leaf to the piece id, as head_from_path goes it, message by message.
class Climb {
 public:
  explicit Climb(const ShownBlock& shown)
      : shown_(shown), index_(shown.block), last_(blocks_in(shown.size_bytes) - 1) {}

  Hash hash{};  // the one that the last message had

  ByteView node(std::size_t step) {
    for (; index_ % 2 == 0 && index_ == last_; index_ /= 2) last_ /= 2;  // no neighbour: up as it is
    const bool is_right = index_ % 2 != 0;
    index_ /= 2;
    last_ /= 2;
    const auto& neighbour = shown_.proof.path[step];
    std::ranges::copy(hash, message_.begin() + (is_right ? sizeof(Hash) : 0));
    std::ranges::copy(neighbour, message_.begin() + (is_right ? 0 : sizeof(Hash)));
    return ByteView(message_).first(2 * sizeof(Hash));
  }
  /// Without the label's first letter, which is the prefix.
  ByteView piece() {
    auto at = std::ranges::copy(view_of(crypto::label::kPiece).subspan(1), message_.begin()).out;
    *at++ = std::byte{0};
    at = std::ranges::copy(big_endian(shown_.size_bytes), at).out;
    at = std::ranges::copy(hash, at).out;
    return ByteView(message_.begin(), at);
  }

 private:
  const ShownBlock& shown_;
  std::uint64_t index_, last_;
  ByteArray<2 * sizeof(Hash)> message_{};
};

}  // namespace

std::array<Outcome, 2> verify_pair(const ShownBlock& a, const ShownBlock& b) {
  if (!crypto::pair_supported() || !is_in_shape(a) || !is_in_shape(b) ||
      a.proof.data.size() != b.proof.data.size() || a.proof.path.size() != b.proof.path.size())
    return {verify_alone(a), verify_alone(b)};
  Climb climb_a(a), climb_b(b);
  const auto hash = [&](std::byte prefix, ByteView of_a, ByteView of_b) {
    crypto::hash_pair(of_a.data(), of_b.data(), of_a.size(), prefix, climb_a.hash, climb_b.hash);
  };
  hash(kLeafPrefix, a.proof.data, b.proof.data);
  for (std::size_t step = 0; step < a.proof.path.size(); ++step)
    hash(kNodePrefix, climb_a.node(step), climb_b.node(step));
  hash(static_cast<std::byte>(crypto::label::kPiece[0]), climb_a.piece(), climb_b.piece());
  const auto outcome = [](const ShownBlock& shown, const Hash& id) {
    return shown.piece.bytes == id ? Outcome::held : Outcome::wrong_data;
  };
  return {outcome(a, climb_a.hash), outcome(b, climb_b.hash)};
}

}  // namespace inxt::proof
