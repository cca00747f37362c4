// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/shard.h"

#include <fmt/format.h>

#include "base/check.h"

namespace inxt::client {
namespace {

/// Another's source as the segment maker wants to own it.
class BorrowedSource final : public ByteSource {
 public:
  explicit BorrowedSource(ByteSource& source) : source_(source) {}
  Result<std::size_t> read(ByteSpan out) override { return source_.read(out); }

 private:
  ByteSource& source_;
};

}  // namespace

Result<ShardReport> shard(const keys::Key& key, ChunkSource& from, const format::Layout& layout,
                          crypto::Random& random, const PieceFolder& to, const StageCallbacks& callbacks) {
  from.forward_to(callbacks.write);
  if (TRY(from.read_head()) == ChunkSource::Kind::pieces)
    return fail(Code::usage, "the manifest describes pieces already",
                "inxt-shard --join puts them together again");
  auto writer = TRY(format::ManifestWriter::resume(key.uploader().writer(), from.chain()));
  TRY(callbacks.write(writer.layout(layout)));
  auto maker =
      TRY(SegmentMaker::make(std::make_unique<BorrowedSource>(from), layout, from.chain().header->file));

  ShardReport report;
  std::unique_ptr<Segment> segment;
  for (;;) {
    if (callbacks.stopped && callbacks.stopped()) return fail(Code::failure, "stopped");
    segment = TRY(maker.next(std::move(segment)));
    if (!segment) break;
    for (const auto& piece : segment->pieces) {
      const auto line = writer.piece(piece.line);
      crypto::Key control_seed;
      random.fill(control_seed.span());
      const auto tag =
          TRY(tag_for(key.recipient(), writer.chain(), writer.last_piece_line(), std::move(control_seed)));
      const auto file = TRY(to.put(piece, tag));
      TRY(callbacks.write(line + format::write_line(file)));
    }
    ++report.segments;
    report.pieces += segment->pieces.size();
    report.ciphertext_bytes += segment->ciphertext_bytes;
    if (callbacks.on_progress) callbacks.on_progress(segment->ciphertext_bytes);
  }
  TRY(to.sync());
  TRY(callbacks.write(writer.seal()));
  return report;
}

}  // namespace inxt::client
