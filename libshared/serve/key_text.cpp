// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/key_text.h"

#include "base/encoding.h"

namespace inxt::serve {

void append_seed(crypto::SecretBytes& text, const crypto::SigningKey& key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::byte byte : key.seed()) {  // not to_hex: its string would stay in freed memory
    const auto value = std::to_integer<std::size_t>(byte);
    text.append(view_of(kDigits.substr(value >> 4, 1)));
    text.append(view_of(kDigits.substr(value & 15, 1)));
  }
  text.append(view_of("\n"));
}

std::optional<crypto::SigningKey> take_key(std::string_view& text, std::string_view first_line) {
  const std::size_t seed_end = first_line.size() + kSeedLineBytes - 1;
  if (!text.starts_with(first_line)) return std::nullopt;
  if (text.size() <= seed_end || text[seed_end] != '\n') return std::nullopt;
  crypto::Secret<32> seed;
  if (!from_hex(text.substr(first_line.size(), kSeedLineBytes - 1), seed.span())) return std::nullopt;
  text.remove_prefix(seed_end + 1);
  return crypto::SigningKey::from_seed(seed.view());
}

}  // namespace inxt::serve
