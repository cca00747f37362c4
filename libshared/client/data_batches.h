// SPDX-License-Identifier: LGPL-3.0-or-later
// Batches made from data in one pass: encrypted, cut, protected and sealed in memory, nothing on disk.
#pragma once

#include <mutex>

#include "client/batch.h"
#include "client/manifest_head.h"

namespace inxt::client {

class DataBatches final : public BatchSource {
 public:
  /// `ciphertext` is the encrypted stream of `head.generation`.
  static Result<std::unique_ptr<DataBatches>> make(ManifestHead head, const format::Layout& layout,
                                                   std::unique_ptr<ByteSource> ciphertext);

  Result<std::unique_ptr<Batch>> next() override;
  void give_back(std::unique_ptr<Batch> batch, bool placed) override;
  const format::Chain& chain() const override { return writer_.chain(); }
  Result<std::string> seal() override { return writer_.seal(); }

 private:
  DataBatches(format::ManifestWriter writer, SegmentMaker maker, std::string text)
      : writer_(std::move(writer)), maker_(std::move(maker)), text_(std::move(text)) {}

  format::ManifestWriter writer_;
  SegmentMaker maker_;
  std::string text_;                 // goes out with the first batch
  std::mutex mutex_;                 // spare_ is given back from the loop's thread
  std::vector<std::unique_ptr<Segment>> spare_;
};

}  // namespace inxt::client
