// SPDX-License-Identifier: LGPL-3.0-or-later
// Batches made from data in one pass: encrypted, cut, protected and sealed in memory, nothing on disk.
#pragma once

#include <mutex>

#include "client/batch.h"
#include "client/manifest_head.h"
#include "client/put_resume.h"

namespace inxt::client {

class DataBatches final : public BatchSource {
 public:
  /// `ciphertext` is the encrypted stream of `head.generation`.
  static Result<std::unique_ptr<DataBatches>> make(ManifestHead head, const format::Layout& layout,
                                                   std::unique_ptr<ByteSource> ciphertext);

  /// Goes on with a put that was cut off: `ciphertext` is the same stream from its beginning.
  static Result<std::unique_ptr<DataBatches>> resume(UnfinishedPut& unfinished, std::unique_ptr<ByteSource> ciphertext);

  /// Errors: besides the stream's, integrity when a piece that the journal has comes out otherwise: then the source has
  /// changed, and must be put under a new secret.
  Result<std::unique_ptr<Batch>> next() override;
  void give_back(std::unique_ptr<Batch> batch, bool placed) override;
  const format::Chain& chain() const override { return writer_.chain(); }
  Result<std::string> seal() override { return writer_.seal(); }

 private:
  DataBatches(format::ManifestWriter writer, SegmentMaker maker, std::string text, JournaledPieces journaled = {})
      : writer_(std::move(writer)), maker_(std::move(maker)), text_(std::move(text)), journaled_(std::move(journaled)) {}

  format::ManifestWriter writer_;
  SegmentMaker maker_;
  std::string text_;                 // goes out with the first batch
  JournaledPieces journaled_;
  std::mutex mutex_;                 // spare_ is given back from the loop's thread
  std::vector<std::unique_ptr<Segment>> spare_;
};

/// Whether the source still gives every piece that the journal has: nothing is sent before that is known.
/// Errors: the stream's.  Cost: encrypts and hashes as much as was journaled.
Result<bool> same_as_journaled(const UnfinishedPut& unfinished, std::unique_ptr<ByteSource> ciphertext);

}  // namespace inxt::client
