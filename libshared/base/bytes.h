// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs of bytes, and integers in them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inxt {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;
using ByteSpan = std::span<std::byte>;
template <std::size_t N>
using ByteArray = std::array<std::byte, N>;

inline ByteView view_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline unsigned char* raw(ByteSpan bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
inline const unsigned char* raw(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

inline Bytes copy_of(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}
inline void append(Bytes& to, ByteView bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

/// Big-endian integers, as every inxt format writes them.
template <class Integer>
constexpr ByteArray<sizeof(Integer)> big_endian(Integer value) {
  ByteArray<sizeof(Integer)> out{};
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    out[i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * (sizeof(Integer) - 1 - i)));
  return out;
}

/// REQUIRES: bytes.size() >= sizeof(Integer).
template <class Integer>
constexpr Integer from_big_endian(ByteView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  return static_cast<Integer>(value);
}

}  // namespace inxt
