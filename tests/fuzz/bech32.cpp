// SPDX-License-Identifier: AGPL-3.0-or-later
// Bech32 text and recipients: what is accepted is written again as the same text in small letters.
#include "fuzz/support/fuzz.h"
#include "keys/bech32.h"

namespace inxt::fuzz {

void fuzz(ByteView input) {
  const auto text = text_of(input);
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 0x20);
  if (const auto decoded = keys::bech32_decode(text))
    CHECK_BUG(keys::bech32_encode(decoded->prefix, decoded->values) == lower);
  if (const auto recipient = keys::recipient_from_text(text)) CHECK_BUG(keys::recipient_text(*recipient) == lower);
}

}  // namespace inxt::fuzz
