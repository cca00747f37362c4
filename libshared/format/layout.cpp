// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/kdf.h"
#include "crypto/labels.h"

namespace inxt::format {

std::uint32_t Layout::shard_size(std::uint64_t ciphertext_bytes) const {
  CHECK_BUG(ciphertext_bytes <= segment_bytes());
  const std::uint64_t each = (ciphertext_bytes + k - 1) / k;
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(16, (each + 15) / 16 * 16));
}

std::uint64_t Layout::segments(std::uint64_t ciphertext_bytes) const {
  return std::max<std::uint64_t>(
      1, ciphertext_bytes / segment_bytes() + (ciphertext_bytes % segment_bytes() != 0));
}

Result<void> check_layout(const Layout& layout) {
  const auto bad = [](std::string what) { return fail(Code::usage, std::move(what)); };
  if (layout.k < 1 || layout.k > kDataShardsMax)
    return bad(fmt::format("K is 1 to {} (kDataShardsMax)", kDataShardsMax));
  if (layout.m > kParityShardsMax)
    return bad(fmt::format("M is 0 to {} (kParityShardsMax)", kParityShardsMax));
  if (layout.mirrors < 1 || layout.mirrors > kMirrorsMax)
    return bad(fmt::format("mirrors are 1 to {} (kMirrorsMax)", kMirrorsMax));
  if (layout.mirrors > 1 && layout.shards() > 1) return bad("mirrors and K+M do not go together");
  if (layout.shard_bytes < kShardBytesStep || layout.shard_bytes > kShardBytesMax ||
      layout.shard_bytes % kShardBytesStep != 0)
    return bad(fmt::format("a shard is a multiple of {} bytes, at most {} (kShardBytesMax)", kShardBytesStep,
                           kShardBytesMax));
  return {};
}

std::uint32_t default_shard_bytes(std::uint32_t k, std::uint32_t m) {
  std::uint32_t bytes = kShardBytesMax;
  while (bytes > kShardBytesStep && std::uint64_t{bytes} * (k + m) > kSegmentMemoryBytes) bytes /= 2;
  return bytes;
}

ByteArray<32> piece_seal_key(const Layout& layout, const FileId& file, const Place& place) {
  Bytes parameters;
  append(parameters, big_endian(place.segment));
  append(parameters, big_endian(place.shard));
  append(parameters, big_endian(place.mirror));
  const auto key = crypto::derive(layout.seal_key, file.bytes, crypto::label::kPieceSeal, parameters);
  ByteArray<32> out;
  std::ranges::copy(key.view(), out.begin());
  return out;
}

}  // namespace inxt::format
