// SPDX-License-Identifier: LGPL-3.0-or-later
#include "base/encoding.h"

#include <fmt/format.h>

#include <algorithm>

namespace inxt {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr auto kBase64Values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kBase64.size(); ++i)
    values[static_cast<unsigned char>(kBase64[i])] = static_cast<std::int8_t>(i);
  return values;
}();

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (std::byte b : bytes) {
    text += kHexDigits[std::to_integer<unsigned>(b) >> 4];
    text += kHexDigits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

Result<void> from_hex(std::string_view text, ByteSpan out) {
  if (text.size() != out.size() * 2)
    return fail(Code::integrity, fmt::format("expected {} hex digits, not {}", out.size() * 2, text.size()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return fail(Code::integrity, "not lower-case hex");
    out[i] = static_cast<std::byte>(high << 4 | low);
  }
  return {};
}

std::string to_base64url(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (std::byte b : bytes) {
    bits = bits << 8 | std::to_integer<std::uint32_t>(b);
    for (count += 8; count >= 6; count -= 6) text += kBase64[bits >> (count - 6) & 63];
  }
  if (count > 0) text += kBase64[bits << (6 - count) & 63];
  return text;
}

Result<void> from_base64url(std::string_view text, ByteSpan out) {
  if (text.size() != (out.size() * 8 + 5) / 6)
    return fail(Code::integrity, fmt::format("expected {} bytes in base64url", out.size()));
  std::uint32_t bits = 0;
  int count = 0;
  std::size_t at = 0;
  for (char c : text) {
    const int value = kBase64Values[static_cast<unsigned char>(c)];
    if (value < 0) return fail(Code::integrity, "not base64url without padding");
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (count += 6; count >= 8) {
      count -= 8;
      out[at++] = static_cast<std::byte>(bits >> count & 255);
    }
  }
  if ((bits & ((1U << count) - 1)) != 0) return fail(Code::integrity, "base64url with unused bits set");
  return {};
}

Result<Bytes> from_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return fail(Code::integrity, "not base64url: its length cannot be");
  Bytes out(text.size() * 6 / 8);
  TRY(from_base64url(text, out));
  return out;
}

}  // namespace inxt
