// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/data_batches.h"

#include <utility>

namespace inxt::client {

Result<std::unique_ptr<DataBatches>> DataBatches::make(ManifestHead head, const format::Layout& layout,
                                                       std::unique_ptr<ByteSource> ciphertext) {
  auto maker = TRY(SegmentMaker::make(std::move(ciphertext), layout, head.generation.file()));
  head.lines += head.writer.layout(layout);
  return std::unique_ptr<DataBatches>(new DataBatches(std::move(head.writer), std::move(maker), std::move(head.lines)));
}

Result<std::unique_ptr<DataBatches>> DataBatches::resume(UnfinishedPut& unfinished,
                                                         std::unique_ptr<ByteSource> ciphertext) {
  auto maker = TRY(SegmentMaker::make(std::move(ciphertext), unfinished.layout, unfinished.generation.file()));
  return std::unique_ptr<DataBatches>(new DataBatches(std::move(unfinished.writer), std::move(maker),
                                                      std::move(unfinished.text), std::move(unfinished.pieces)));
}

Result<bool> same_as_journaled(const UnfinishedPut& unfinished, std::unique_ptr<ByteSource> ciphertext) {
  auto maker = TRY(SegmentMaker::make(std::move(ciphertext), unfinished.layout, unfinished.generation.file()));
  const auto& ids = unfinished.pieces.ids;
  std::size_t number = 0;
  std::unique_ptr<Segment> segment;
  while (number < ids.size()) {
    segment = TRY(maker.next(std::move(segment)));
    if (!segment) return false;
    for (const auto& made : segment->pieces)
      if (number < ids.size() && made.line.id != ids[number++]) return false;
  }
  return true;
}

Result<std::unique_ptr<Batch>> DataBatches::next() {
  std::unique_ptr<Segment> reuse;
  {
    const std::lock_guard lock(mutex_);
    if (!spare_.empty()) {
      reuse = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  auto segment = TRY(maker_.next(std::move(reuse)));
  if (!segment) return nullptr;
  auto batch = std::make_unique<Batch>();
  batch->text = std::exchange(text_, {});
  if (!journaled_.ids.empty()) batch->journaled_bytes = batch->text.size();
  for (const auto& made : segment->pieces) {
    const auto number = writer_.chain().pieces;
    batch->text += writer_.piece(made.line);
    BatchPiece piece{.line = made.line, .line_text = writer_.last_piece_line(), .bytes = made.bytes};
    if (number < journaled_.ids.size()) {
      if (journaled_.ids[number] != made.line.id)
        return fail(Code::integrity, "the source is not what it was when this put began", "put it again");
      if (const auto places = journaled_.places.find(number); places != journaled_.places.end())
        for (const auto& at : places->second) {
          piece.at.push_back(at.host);
          batch->text += at.line;
        }
      if (const auto asked = journaled_.asked.find(number); asked != journaled_.asked.end()) piece.perhaps_at = asked->second;
      batch->journaled_bytes = batch->text.size();
    }
    batch->pieces.push_back(std::move(piece));
  }
  batch->segment = std::move(segment);
  return batch;
}

void DataBatches::give_back(std::unique_ptr<Batch> batch, bool) {
  const std::lock_guard lock(mutex_);
  spare_.push_back(std::move(batch->segment));
}

}  // namespace inxt::client
