// SPDX-License-Identifier: LGPL-3.0-or-later
// Encrypts a stream and describes it while it goes.  Tool: inxt-encrypt(1).
#pragma once

#include "client/chunk_files.h"
#include "client/chunk_source.h"
#include "client/manifest_head.h"
#include "client/zstd_stream.h"

namespace inxt::client {

struct EncryptReport {
  std::uint64_t ciphertext_bytes = 0;
  bool name_left_out = false;
};

struct StageCallbacks {
  WriteLines write;                                           // manifest lines as they are ready
  std::function<void(std::uint64_t bytes)> on_progress = {};  // of ciphertext
  std::function<bool()> stopped = {};                         // true ends the stage with `failure`
};

/// Header, stanzas, then a line for each chunk as soon as it lies in `files`.  On an error `files` is left to
/// the caller. Errors: the source's and the callbacks'; usage for recipients and level.  Memory: one chunk,
/// and zstd's.
Result<EncryptReport> encrypt(const keys::Key& key, std::unique_ptr<ByteSource> plain,
                              const SourceFacts& facts, const Content& content,
                              const std::vector<keys::Recipient>& recipients, crypto::Random& random,
                              ChunkFiles& files, const StageCallbacks& callbacks);

}  // namespace inxt::client
