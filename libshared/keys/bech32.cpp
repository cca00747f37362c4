// SPDX-License-Identifier: LGPL-3.0-or-later
#include "keys/bech32.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace inxt::keys {
namespace {

constexpr std::string_view kLetters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::string_view kRecipientPrefix = "inxtr";
constexpr std::size_t kChecksumLetters = 6;

std::uint32_t polymod(std::span<const std::uint8_t> values) {
  constexpr std::array<std::uint32_t, 5> kGenerator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                    0x2a1462b3};
  std::uint32_t state = 1;
  for (std::uint8_t value : values) {
    std::uint32_t top = state >> 25;
    state = (state & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; ++i)
      if (top >> i & 1) state ^= kGenerator[i];
  }
  return state;
}

std::vector<std::uint8_t> expanded(std::string_view prefix) {
  std::vector<std::uint8_t> values;
  for (char c : prefix) values.push_back(static_cast<std::uint8_t>(c) >> 5);
  values.push_back(0);
  for (char c : prefix) values.push_back(static_cast<std::uint8_t>(c) & 31);
  return values;
}

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}

}  // namespace

Result<Bech32> bech32_decode(std::string_view text) {
  if (text.size() > kBech32TextMax)
    return fail(Code::integrity, fmt::format("longer than {} letters (kBech32TextMax)", kBech32TextMax));
  if (std::any_of(text.begin(), text.end(), is_capital) && std::any_of(text.begin(), text.end(), is_small))
    return fail(Code::integrity, "capital and small letters are mixed");
  std::size_t separator = text.rfind('1');
  if (separator == std::string_view::npos)
    return fail(Code::integrity, "there is no \"1\" behind the prefix");
  if (separator == 0) return fail(Code::integrity, "there is no prefix before the \"1\"");
  if (text.size() - separator - 1 < kChecksumLetters) return fail(Code::integrity, "it is too short");

  Bech32 decoded;
  for (char c : text.substr(0, separator)) {
    if (c < 33 || c > 126) return fail(Code::integrity, "a letter of the prefix cannot stand there");
    decoded.prefix += is_capital(c) ? static_cast<char>(c | 0x20) : c;
  }
  for (std::size_t i = separator + 1; i < text.size(); ++i) {
    std::size_t value = kLetters.find(is_capital(text[i]) ? static_cast<char>(text[i] | 0x20) : text[i]);
    if (value == std::string_view::npos)
      return fail(Code::integrity, fmt::format("letter {} cannot stand there", i + 1));
    decoded.values.push_back(static_cast<std::uint8_t>(value));
  }
  std::vector<std::uint8_t> checked = expanded(decoded.prefix);
  checked.insert(checked.end(), decoded.values.begin(), decoded.values.end());
  if (polymod(checked) != 1) return fail(Code::integrity, "its checksum is wrong");
  decoded.values.resize(decoded.values.size() - kChecksumLetters);
  return decoded;
}

std::string bech32_encode(std::string_view prefix, std::span<const std::uint8_t> values) {
  CHECK_BUG(!prefix.empty() && prefix.size() + 1 + values.size() + kChecksumLetters <= kBech32TextMax);
  std::vector<std::uint8_t> checked = expanded(prefix);
  checked.insert(checked.end(), values.begin(), values.end());
  checked.resize(checked.size() + kChecksumLetters);
  std::uint32_t checksum = polymod(checked) ^ 1;
  std::string text(prefix);
  text += '1';
  for (std::uint8_t value : values) text += kLetters[value];
  for (std::size_t i = 0; i < kChecksumLetters; ++i) text += kLetters[checksum >> 5 * (5 - i) & 31];
  return text;
}

std::string recipient_text(const Recipient& recipient) {
  std::vector<std::uint8_t> values;
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (std::byte byte : recipient) {
    pending = (pending << 8 | std::to_integer<std::uint32_t>(byte)) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) values.push_back(pending >> (bits - 5) & 31);
  }
  values.push_back(static_cast<std::uint8_t>(pending << (5 - bits) & 31));  // 256 bits leave one
  return bech32_encode(kRecipientPrefix, values);
}

Result<Recipient> recipient_from_text(std::string_view text) {
  auto bad = [](std::string_view why) {
    return fail(Code::usage, fmt::format("not a recipient: {}", why),
                "a recipient is inxtr1... as `inxt-key show --recipient` prints it");
  };
  auto decoded = bech32_decode(text);
  if (!decoded) return bad(decoded.error().what);
  if (decoded->prefix != kRecipientPrefix) return bad("it does not begin with inxtr1");
  if (decoded->values.size() != 52) return bad("it does not hold 32 bytes");
  Recipient recipient;
  std::uint32_t pending = 0;
  unsigned bits = 0;
  std::size_t at = 0;
  for (std::uint8_t value : decoded->values) {
    pending = (pending << 5 | value) & 0x1fff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      recipient[at++] = static_cast<std::byte>(pending >> bits);
    }
  }
  if ((pending & ((1U << bits) - 1)) != 0) return bad("its last letter has bits that mean nothing");
  return recipient;
}

}  // namespace inxt::keys
