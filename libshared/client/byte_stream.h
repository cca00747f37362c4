// SPDX-License-Identifier: LGPL-3.0-or-later
// Bytes pulled from a source or pushed into a sink, one stage after another: file, zstd, padding, cipher.
// Single-threaded; a stage owns the one before (source) or behind (sink) it.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/result.h"

namespace inxt::client {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills `out` as far as the stream goes: fewer bytes than out.size() only at its end, then 0 for ever.
  /// Errors: the underlying stage's.
  virtual Result<std::size_t> read(ByteSpan out) = 0;
};

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Result<void> write(ByteView bytes) = 0;
  /// The stream is whole.  Errors: integrity when what was written cannot be (a compressed stream cut short).
  virtual Result<void> finish() = 0;
};

}  // namespace inxt::client
