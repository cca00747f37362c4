// SPDX-License-Identifier: LGPL-3.0-or-later
// The latest renewal of a contract as a file of its own, beside the piece's.
// Format: inxt-piece(5), "Renewals".
//
// Pure: bytes in, bytes out.
#pragma once

#include "store/names.h"
#include "store/stored_piece.h"

namespace inxt::store {

inline constexpr std::size_t kRenewalFileBytes = 4096;
inline constexpr std::size_t kRenewalJsonBytesMax = kRenewalFileBytes - 4 - 32;

/// Which contract a stored renewal is of.
struct RenewedContract {
  Key key;
  crypto::Hash offer{};  // format::offer_hash(): a renewal of a former contract about the same piece is none
  bool operator==(const RenewedContract&) const = default;
};

/// REQUIRES: out.size() == kRenewalFileBytes.
/// Errors: usage when the tokens do not fit into kRenewalJsonBytesMax.
Result<void> encode_renewal(const RenewedContract& contract, const StoredRenewal& renewal, ByteSpan out);

struct DecodedRenewal {
  RenewedContract contract;
  StoredRenewal renewal;
};
/// Errors: integrity, saying what is wrong.
Result<DecodedRenewal> decode_renewal(ByteView bytes);

}  // namespace inxt::store
