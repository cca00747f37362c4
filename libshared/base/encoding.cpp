// SPDX-License-Identifier: LGPL-3.0-or-later
#include "base/encoding.h"

#include <fmt/format.h>

#include "base/base64_avx2.h"

namespace inxt {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> values_of(std::string_view letters) {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < letters.size(); ++i)
    values[static_cast<unsigned char>(letters[i])] = static_cast<std::int8_t>(i);
  return values;
}
constexpr auto kHexValues = values_of(kHexDigits);
constexpr auto kBase64Values = values_of(kBase64);

int value(const std::array<std::int8_t, 256>& values, char letter) {
  return values[static_cast<unsigned char>(letter)];
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string text(bytes.size() * 2, '\0');
  char* out = text.data();
  for (std::byte b : bytes) {
    *out++ = kHexDigits[std::to_integer<unsigned>(b) >> 4];
    *out++ = kHexDigits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

Result<void> from_hex(std::string_view text, ByteSpan out) {
  if (text.size() != out.size() * 2)
    return fail(Code::integrity, fmt::format("expected {} hex digits, not {}", out.size() * 2, text.size()));
  int all = 0;  // negative once one was
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = value(kHexValues, text[2 * i]);
    const int low = value(kHexValues, text[2 * i + 1]);
    all |= high | low;
    out[i] = static_cast<std::byte>((high & 15) << 4 | (low & 15));
  }
  if (all < 0) return fail(Code::integrity, "not lower-case hex");
  return {};
}

std::string to_base64url(ByteView bytes) {
  std::string text((bytes.size() * 8 + 5) / 6, '\0');
  char* out = text.data();
  if (base64_avx2::supported()) {
    const auto done = base64_avx2::encode(bytes, out);
    bytes = bytes.subspan(done);
    out += done / 3 * 4;
  }
  std::uint32_t bits = 0;
  int count = 0;
  for (std::byte b : bytes) {
    bits = bits << 8 | std::to_integer<std::uint32_t>(b);
    for (count += 8; count >= 6; count -= 6) *out++ = kBase64[bits >> (count - 6) & 63];
  }
  if (count > 0) *out = kBase64[bits << (6 - count) & 63];
  return text;
}

Result<void> from_base64url(std::string_view text, ByteSpan out) {
  if (text.size() != (out.size() * 8 + 5) / 6)
    return fail(Code::integrity, fmt::format("expected {} bytes in base64url", out.size()));
  if (base64_avx2::supported()) {
    const auto done = base64_avx2::decode(text, out);
    text.remove_prefix(done);
    out = out.subspan(done / 4 * 3);
  }
  std::uint32_t bits = 0;
  int count = 0;
  std::size_t at = 0;
  for (char c : text) {
    const int six = value(kBase64Values, c);
    if (six < 0) return fail(Code::integrity, "not base64url without padding");
    bits = bits << 6 | static_cast<std::uint32_t>(six);
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
