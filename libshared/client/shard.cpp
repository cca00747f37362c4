// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/shard.h"

#include <fmt/format.h>

#include <thread>

#include "base/check.h"
#include "transfer/piece_tag.h"

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

/// What goes with a piece's bytes.
struct PieceText {
  std::string line;  // with newline
  Bytes tag;
};

/// Writes the pieces of one segment beside its caller.
class SegmentWriter {
 public:
  struct Done {
    std::unique_ptr<Segment> segment;
    std::string lines;  // piece and file lines
  };

  explicit SegmentWriter(const PieceFolder& to) : to_(to) {}

  /// REQUIRES: wait() has returned since the last start().
  void start(std::unique_ptr<Segment> segment, std::vector<PieceText> texts) {
    segment_ = std::move(segment);
    texts_ = std::move(texts);
    results_.assign(segment_->pieces.size(), {});
    for (unsigned first = 0; first < kThreads; ++first)
      threads_.emplace_back([this, first] {
        for (std::size_t i = first; i < segment_->pieces.size(); i += kThreads)
          results_[i] = to_.put(segment_->pieces[i], texts_[i].tag);
      });
  }

  /// Waits for what was started; nothing when there was nothing.
  Result<std::optional<Done>> wait() {
    threads_.clear();  // joins them
    if (!segment_) return std::nullopt;
    Done done{.segment = std::move(segment_), .lines = {}};
    for (std::size_t i = 0; i < results_.size(); ++i) {
      const auto file = TRY(std::move(results_[i]));
      done.lines += texts_[i].line + format::write_line(file);
    }
    return done;
  }

 private:
  static constexpr unsigned kThreads = 3;  // waiting for the disk, most of the time

  const PieceFolder& to_;
  std::unique_ptr<Segment> segment_;
  std::vector<PieceText> texts_;
  std::vector<Result<format::FileLine>> results_;
  std::vector<std::jthread> threads_;  // last: they use the others
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
  SegmentWriter files(to);
  std::unique_ptr<Segment> spare;
  // One segment is written while the next is made.
  const auto settle = [&]() -> Result<void> {
    auto done = TRY(files.wait());
    if (!done) return {};
    TRY(callbacks.write(done->lines));
    report.ciphertext_bytes += done->segment->ciphertext_bytes;
    if (callbacks.on_progress) callbacks.on_progress(done->segment->ciphertext_bytes);
    spare = std::move(done->segment);
    return {};
  };
  for (;;) {
    if (callbacks.stopped && callbacks.stopped()) return fail(Code::failure, "stopped");
    auto segment = TRY(maker.next(std::move(spare)));
    TRY(settle());
    if (!segment) break;
    std::vector<PieceText> texts;
    for (const auto& piece : segment->pieces) {
      auto line = writer.piece(piece.line);
      crypto::Key control_seed;
      random.fill(control_seed.span());
      texts.push_back({.line = std::move(line),
                       .tag = TRY(transfer::tag_for(key.recipient(), writer.chain(), writer.last_piece_line(),
                                          std::move(control_seed)))});
    }
    ++report.segments;
    report.pieces += segment->pieces.size();
    files.start(std::move(segment), std::move(texts));
  }
  TRY(to.sync());
  TRY(callbacks.write(writer.seal()));
  return report;
}

}  // namespace inxt::client
