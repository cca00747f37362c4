// SPDX-License-Identifier: LGPL-3.0-or-later
// The seek table at the end of a compressed stream: which frames hold a range of the plaintext.
// Format: inxt-manifest(5), "Compression".  Source: zstd_seekable_compression_format.md 0.1.0.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace inxt::client {

inline constexpr std::uint64_t kZstdFooterBytes = 9;
/// What a table takes beside 8 bytes for each frame.
inline constexpr std::uint64_t kZstdTableFixedBytes = 8 + kZstdFooterBytes;

/// A run of the stream, and where in the plaintext its first byte is.
struct ZstdRun {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  std::uint64_t plain_first = 0;
};

class ZstdTable {
 public:
  /// The table's bytes, of a stream that ends with these kZstdFooterBytes.  Errors: integrity when they end
  /// no table.
  static Result<std::uint64_t> bytes_from(ByteView footer);
  /// `tail` is the end of a stream of `stream_bytes` and holds the whole table.
  /// Errors: integrity when there is none, or the frames it names do not fill what stands before it.
  /// Memory: 16 bytes a frame.
  static Result<ZstdTable> read(ByteView tail, std::uint64_t stream_bytes);

  std::uint64_t frames() const { return starts_.size() - 1; }
  std::uint64_t plain_bytes() const { return starts_.back().plain; }
  /// The frames that hold [first, end) of the plaintext; an empty run for what lies behind it.  REQUIRES:
  /// first < end.
  ZstdRun run_of(std::uint64_t first, std::uint64_t end) const;

 private:
  struct Start {
    std::uint64_t stream = 0;
    std::uint64_t plain = 0;
  };
  std::vector<Start> starts_;  // of each frame, and behind the last
};

}  // namespace inxt::client
