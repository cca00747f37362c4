// SPDX-License-Identifier: LGPL-3.0-or-later
// Where inxt-encrypt leaves ciphertext for the next stage: one file, or one spool file for each chunk.
#pragma once

#include "client/spool.h"
#include "format/manifest_lines.h"

namespace inxt::client {

class ChunkFiles {
 public:
  virtual ~ChunkFiles() = default;
  /// Writes the next chunk (1 to format::kChunkBytesMax bytes); a reader that is told where it lies may open
  /// it at once. Everything but the hash is filled in.
  virtual Result<format::CiphertextChunk> put(ByteView bytes) = 0;
  /// There is no more: makes it durable where it is the user's.
  virtual Result<void> finish() = 0;
  /// Nobody will read what was put.
  virtual void discard() = 0;
};

/// Chunks one after another in a file of the user's.  It gets its name with the first chunk, so that the next
/// stage can read while this one writes; it is taken away again unless finish() was reached.
class OneChunkFile final : public ChunkFiles {
 public:
  /// Errors: not_found, denied; usage when something that is not a regular file has the name.
  static Result<std::unique_ptr<OneChunkFile>> create(const std::string& path);
  ~OneChunkFile() override { discard(); }

  Result<format::CiphertextChunk> put(ByteView bytes) override;
  Result<void> finish() override;
  void discard() override;

 private:
  OneChunkFile() = default;
  Result<void> give_name();

  std::string path_;  // absolute, links resolved
  std::string hidden_path_;
  sys::Fd fd_;
  std::uint64_t bytes_ = 0;
  bool named_ = false;
  bool direct_ = false;
  bool finished_ = false;
};

/// A spool file for each chunk: the stage that has read it removes it.
class SpoolChunks final : public ChunkFiles {
 public:
  SpoolChunks(Spool spool, crypto::Random& random)
      : spool_(std::move(spool)), run_(to_hex(random.bytes<16>())) {}

  Result<format::CiphertextChunk> put(ByteView bytes) override;
  Result<void> finish() override { return {}; }
  void discard() override;

 private:
  std::string name_of(std::uint64_t number) const;

  Spool spool_;
  std::string run_;  // all files of a run begin with it, so that they need not be remembered
  std::uint64_t count_ = 0;
};

}  // namespace inxt::client
