// SPDX-License-Identifier: LGPL-3.0-or-later
// The inverse of the segment maker: from any K shards of a segment to its ciphertext.  Pure; CPU only.
#pragma once

#include <span>

#include "erasure/codec.h"
#include "format/manifest_lines.h"

namespace inxt::transfer {

/// A piece that is there.
struct PieceInHand {
  Place place;
  ByteSpan bytes;  // verified (check_piece), sealed; join() unseals it in place
};

/// Whether these bytes are the piece that the line names.
/// Errors: integrity, with the place.  Cost: one hash of the piece.
Result<void> check_piece(const format::PieceLine& line, ByteView bytes);

class SegmentJoiner {
 public:
  /// Errors: usage from check_layout.
  static Result<SegmentJoiner> make(const format::Layout& layout, const FileId& file);

  /// The ciphertext of segment `number` in order, as views of the pieces and of `room`, which is grown where
  /// data shards have to be rebuilt; together they are `ciphertext_bytes` long.  More than one mirror of a
  /// shard, and parity that is not needed, are left as they are. REQUIRES: pieces of this segment, verified;
  /// ciphertext_bytes as the piece lines and the layout have it. Errors: too_few_pieces, with the segment,
  /// how many shards are there and how many are needed; nothing is changed then.
  ///         integrity when a piece has another size than the layout says.
  Result<std::vector<ByteView>> join(std::uint64_t number, std::uint64_t ciphertext_bytes,
                                     std::span<const PieceInHand> pieces, Bytes& room) const;

  /// Any pieces of the segment, byte for byte as their writer made them, from at least K others (for repair).
  /// Unseals `pieces` as join() does.  Errors: as join().
  Result<std::vector<Bytes>> remake(std::uint64_t number, std::uint64_t ciphertext_bytes,
                                    std::span<const PieceInHand> pieces, std::span<const Place> wanted) const;

 private:
  SegmentJoiner(const format::Layout& layout, const FileId& file, erasure::Codec codec)
      : layout_(layout), file_(file), codec_(std::move(codec)) {}
  /// Unsealed views in shard order (empty where a shard is not there), at most K of them.
  Result<std::vector<ByteView>> unseal(std::uint64_t number, std::uint32_t shard_bytes,
                                       std::span<const PieceInHand> pieces) const;

  format::Layout layout_;
  FileId file_;
  erasure::Codec codec_;
};

}  // namespace inxt::transfer
