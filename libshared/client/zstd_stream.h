// SPDX-License-Identifier: LGPL-3.0-or-later
// zstd's seekable format as a stage of a stream: independent frames, and a skippable frame with a table of
// them at the end, so that `zstd -d` reads the whole and a range needs only its own frames. Source:
// zstd_seekable_compression_format.md 0.1.0 in the zstd project (contrib/seekable_format); RFC 8878 for
// frames.
#pragma once

#include "client/byte_stream.h"

namespace inxt::client {

inline constexpr std::size_t kZstdFrameBytes = 1024 * 1024;  // plaintext in each frame but the last
inline constexpr int kZstdLevelMin = 1;
inline constexpr int kZstdLevelMax = 19;
inline constexpr int kZstdLevelDefault = 3;
inline constexpr std::uint32_t kZstdFramesMax = 0x8000000;  // the format's own limit: 128 TiB here
inline constexpr std::size_t kZstdWindowBytesMax =
    8 * 1024 * 1024;  // what a frame may make a reader remember

/// Compresses what it pulls.  Memory: two frames, zstd's tables (82 MiB at level 19, 5 at level 3) and 8
/// bytes for each MiB of plaintext.
class ZstdSource final : public ByteSource {
 public:
  /// Errors: usage when the level is not kZstdLevelMin to kZstdLevelMax.
  static Result<std::unique_ptr<ZstdSource>> make(std::unique_ptr<ByteSource> plain,
                                                  int level = kZstdLevelDefault);
  ~ZstdSource() override;
  Result<std::size_t> read(ByteSpan out) override;

 private:
  struct State;
  explicit ZstdSource(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Decompresses any sequence of frames, passing over skippable ones.
/// Errors: integrity for what is not zstd, a window over kZstdWindowBytesMax, a wrong checksum; at finish(),
/// a frame that
///         was cut short.  Memory: the window and 128 KiB.
class ZstdSink final : public ByteSink {
 public:
  explicit ZstdSink(std::unique_ptr<ByteSink> plain);
  ~ZstdSink() override;
  Result<void> write(ByteView bytes) override;
  Result<void> finish() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inxt::client
