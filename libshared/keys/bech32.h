// SPDX-License-Identifier: LGPL-3.0-or-later
// Bech32: bytes as text with a name before and a checksum behind that finds up to four wrong letters.
// Source: BIP-173 (https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki); not the later Bech32m.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace inxt::keys {

inline constexpr std::size_t kBech32TextMax = 90;  // BIP-173

struct Bech32 {
  std::string prefix;                // "human-readable part", small letters
  std::vector<std::uint8_t> values;  // five bits each, without the checksum
};

/// Errors: integrity: length, letters, mixed case, separator or checksum.
Result<Bech32> bech32_decode(std::string_view text);
/// REQUIRES: prefix of 1 to 83 printable ASCII letters, none capital; the whole within kBech32TextMax.
std::string bech32_encode(std::string_view prefix, std::span<const std::uint8_t> values);

/// An X25519 public key as "inxtr1...": what `-r` takes.
using Recipient = ByteArray<32>;
std::string recipient_text(const Recipient& recipient);
/// Accepts all-capital text too.  Errors: usage, saying what is wrong with it.
Result<Recipient> recipient_from_text(std::string_view text);

}  // namespace inxt::keys
