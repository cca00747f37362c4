// SPDX-License-Identifier: LGPL-3.0-or-later
// Bytes from one thread to another: what a get writes is what a put reads, with bounded memory between them.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "client/byte_stream.h"

namespace inxt::client {

inline constexpr std::size_t kBytePipeBytes = 1024 * 1024;

/// Thread-safe: one thread writes, another reads; each waits for the other.
class BytePipe {
 public:
  explicit BytePipe(std::size_t bytes_max = kBytePipeBytes) : ring_(bytes_max) {}
  BytePipe(const BytePipe&) = delete;
  BytePipe& operator=(const BytePipe&) = delete;

  /// As ByteSink::write.  Errors: that of break_off().
  Result<void> write(ByteView bytes);
  /// Nothing comes behind what was written.
  void end();
  /// As ByteSource::read.  Errors: that of break_off(), also where bytes were still to be read.
  Result<std::size_t> read(ByteSpan out);
  /// Whoever reads or writes gets this error, now and later; the first one counts.
  void break_off(Error error);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Bytes ring_;
  std::size_t begin_ = 0, held_ = 0;
  bool ended_ = false;
  std::optional<Error> broken_;
};

/// Its ends, for stages.  The pipe outlives them; finish() ends nothing: several sinks may follow each other.
class BytePipeSource final : public ByteSource {
 public:
  explicit BytePipeSource(BytePipe& pipe) : pipe_(pipe) {}
  Result<std::size_t> read(ByteSpan out) override { return pipe_.read(out); }

 private:
  BytePipe& pipe_;
};
class BytePipeSink final : public ByteSink {
 public:
  explicit BytePipeSink(BytePipe& pipe) : pipe_(pipe) {}
  Result<void> write(ByteView bytes) override { return pipe_.write(bytes); }
  Result<void> finish() override { return {}; }

 private:
  BytePipe& pipe_;
};

}  // namespace inxt::client
