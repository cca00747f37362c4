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
  for (const auto& made : segment->pieces) {
    batch->text += writer_.piece(made.line);
    batch->pieces.push_back({.line = made.line, .line_text = writer_.last_piece_line(), .bytes = made.bytes});
  }
  batch->segment = std::move(segment);
  return batch;
}

void DataBatches::give_back(std::unique_ptr<Batch> batch, bool) {
  const std::lock_guard lock(mutex_);
  spare_.push_back(std::move(batch->segment));
}

}  // namespace inxt::client
