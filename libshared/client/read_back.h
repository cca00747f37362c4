// SPDX-License-Identifier: LGPL-3.0-or-later
// What an engine writes into a sink, as a source for another engine: the first runs on a thread of its own,
// and waits while more than kReadBackBytesMax are not yet read.  Tool: inxt-rekey(1).
#pragma once

#include <functional>
#include <memory>

#include "client/byte_stream.h"

namespace inxt::client {

inline constexpr std::size_t kReadBackBytesMax = 8 * 1024 * 1024;

class ReadBack final : public ByteSource {
 public:
  /// `work` runs on the thread; it writes into the sink and finishes it.  What it returns ends the stream: an
  /// error is read()'s, after the bytes before it.
  using Work = std::function<Result<void>(std::unique_ptr<ByteSink> sink)>;
  explicit ReadBack(Work work);
  /// Lets the sink fail, and waits for the thread.
  ~ReadBack() override;

  Result<std::size_t> read(ByteSpan out) override;

 private:
  struct State;
  class Sink;
  std::shared_ptr<State> state_;
};

}  // namespace inxt::client
