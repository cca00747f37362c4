// SPDX-License-Identifier: LGPL-3.0-or-later
// How ciphertext is cut: segments of K data shards and M parity shards, each with mirrors.  Format:
// inxt-manifest(5), "Layout".
#pragma once

#include "base/ids.h"
#include "crypto/hash.h"

namespace inxt::format {

inline constexpr std::uint32_t kShardBytesMax = 2 * 1024 * 1024;
inline constexpr std::uint32_t kShardBytesStep = 4096;  // a block
inline constexpr std::uint32_t kDataShardsMax = 64;
inline constexpr std::uint32_t kParityShardsMax = 64;
inline constexpr std::uint32_t kMirrorsMax = 16;
inline constexpr std::uint64_t kSegmentsMax = std::uint64_t{1} << 32;
/// Shards of one segment are in memory together: default shards are made smaller until they fit in this.
inline constexpr std::uint64_t kSegmentMemoryBytes = 32 * 1024 * 1024;

struct Layout {
  std::uint32_t k = 1;
  std::uint32_t m = 0;
  std::uint32_t mirrors = 1;
  std::uint32_t shard_bytes = kShardBytesMax;
  crypto::Hash seal_key{};  // not secret from repairers; secret from Hosts

  std::uint32_t shards() const { return k + m; }
  std::uint32_t pieces_per_segment() const { return shards() * mirrors; }
  std::uint64_t segment_bytes() const { return std::uint64_t{k} * shard_bytes; }
  /// Size of each shard of a segment that holds `ciphertext_bytes` (0 only for an empty file).
  /// REQUIRES: ciphertext_bytes <= segment_bytes().
  std::uint32_t shard_size(std::uint64_t ciphertext_bytes) const;
  /// Segments of a ciphertext: one even when it is empty.
  std::uint64_t segments(std::uint64_t ciphertext_bytes) const;

  bool operator==(const Layout&) const = default;
};

/// Errors: usage, naming the limit that the layout passes.
Result<void> check_layout(const Layout& layout);

/// The largest power of two up to kShardBytesMax with which a segment fits in kSegmentMemoryBytes.
std::uint32_t default_shard_bytes(std::uint32_t k, std::uint32_t m);

/// The AES-256-CTR key that seals the shard at `place`: HKDF(seal key, F, "inxt/v1/piece-seal", place).
ByteArray<32> piece_seal_key(const Layout& layout, const FileId& file, const Place& place);

}  // namespace inxt::format
