// SPDX-License-Identifier: AGPL-3.0-or-later
// Pieces with contents that follow from a seed, for tests of what stores and serves them.
#pragma once

#include "crypto/random.h"
#include "proof/tree.h"
#include "store/stored_piece.h"

namespace inxt::testing {

inline AccountId account_number(std::uint8_t number) {
  AccountId account;
  account.bytes.fill(std::byte{number});
  return account;
}

/// A piece with everything that a store needs for it.
struct MadePiece {
  store::PieceBuffer buffer;
  proof::Tree tree;
  store::Trailer trailer;

  MadePiece(std::uint64_t size_bytes, std::uint64_t seed, const AccountId& account)
      : buffer(filled(size_bytes, seed)), tree(buffer.data()) {
    trailer.piece = tree.id();
    trailer.size_bytes = size_bytes;
    trailer.root = tree.head();
    trailer.account = account;
    trailer.offer = "offer-" + std::to_string(seed);
    trailer.acceptance = "acceptance-" + std::to_string(seed);
    trailer.receipt = "receipt-" + std::to_string(seed);
  }
  const PieceId& id() const { return trailer.piece; }

  static store::PieceBuffer filled(std::uint64_t size_bytes, std::uint64_t seed) {
    store::PieceBuffer buffer(size_bytes);
    crypto::SeededRandom(seed).fill(buffer.data());
    return buffer;
  }
};

}  // namespace inxt::testing
