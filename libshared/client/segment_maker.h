// SPDX-License-Identifier: LGPL-3.0-or-later
// Cuts ciphertext into segments and makes their pieces: shards, parity or mirrors, seal, tree, id.
// Format: inxt-piece(5).  No network; CPU only.  Memory: one segment for each Segment alive.
#pragma once

#include <optional>

#include "client/byte_stream.h"
#include "erasure/codec.h"
#include "format/manifest_lines.h"

namespace inxt::client {

/// One piece as it goes to a Host.
struct MadePiece {
  format::PieceLine line;
  ByteView bytes;  // line.size of them, in Segment::memory
};

struct Segment {
  std::uint64_t number = 0;
  std::uint64_t ciphertext_bytes = 0;
  bool last = false;
  std::vector<MadePiece> pieces;  // by shard, then mirror: the manifest's order
  Bytes memory;                   // page-aligned use is not needed: TLS copies
};

class SegmentMaker {
 public:
  /// REQUIRES: check_layout(layout).
  static Result<SegmentMaker> make(std::unique_ptr<ByteSource> ciphertext, const format::Layout& layout,
                                   const FileId& file);

  /// The next segment, with `last` set on the one that ends the file; nullptr behind it.  An empty source gives one
  /// segment of padding.  `reuse` may be a segment that is no longer needed: its memory is taken.
  /// Errors: the source's.
  Result<std::unique_ptr<Segment>> next(std::unique_ptr<Segment> reuse = nullptr);

 private:
  SegmentMaker(std::unique_ptr<ByteSource> ciphertext, const format::Layout& layout, const FileId& file,
               erasure::Codec codec);

  std::unique_ptr<ByteSource> ciphertext_;
  format::Layout layout_;
  FileId file_;
  erasure::Codec codec_;
  std::uint64_t next_number_ = 0;
  bool ended_ = false;
  Bytes ahead_;  // the byte that tells whether a full segment is the last
};

}  // namespace inxt::client
