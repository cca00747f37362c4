// SPDX-License-Identifier: LGPL-3.0-or-later
#include "store/framed_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/hash.h"

namespace inxt::store {

void encode_framed(std::string_view text, ByteSpan out) {
  CHECK_BUG(text.size() + kFrameBytes <= out.size());
  const std::size_t length_offset = out.size() - kFrameBytes, checksum_offset = length_offset + 4;
  std::memcpy(out.data(), text.data(), text.size());
  std::memset(out.data() + text.size(), 0, length_offset - text.size());
  const auto length = big_endian(static_cast<std::uint32_t>(text.size()));
  std::memcpy(out.data() + length_offset, length.data(), length.size());
  const crypto::Hash checksum = crypto::sha256(out.first(checksum_offset));
  std::memcpy(out.data() + checksum_offset, checksum.data(), checksum.size());
}

Result<std::string_view> decode_framed(ByteView bytes, std::string_view what) {
  CHECK_BUG(bytes.size() > kFrameBytes);
  const std::size_t length_offset = bytes.size() - kFrameBytes, checksum_offset = length_offset + 4;
  const crypto::Hash checksum = crypto::sha256(bytes.first(checksum_offset));
  if (!std::ranges::equal(checksum, bytes.subspan(checksum_offset)))
    return fail(Code::integrity, fmt::format("{}: its checksum differs", what));
  const auto length = from_big_endian<std::uint32_t>(bytes.subspan(length_offset, 4));
  if (length > length_offset) return fail(Code::integrity, fmt::format("{}: a length of {}", what, length));
  const ByteView padding = bytes.subspan(length, length_offset - length);
  if (!std::all_of(padding.begin(), padding.end(), [](std::byte byte) { return byte == std::byte{0}; }))
    return fail(Code::integrity, fmt::format("{}: bytes that must be zero are not", what));
  return text_of(bytes.first(length));
}

}  // namespace inxt::store
