// SPDX-License-Identifier: AGPL-3.0-or-later
// Streams over memory, for tests of the stages between them.
#pragma once

#include <algorithm>

#include "client/byte_stream.h"
#include "crypto/random.h"

namespace inxt::test {

class MemorySource final : public client::ByteSource {
 public:
  explicit MemorySource(Bytes bytes) : bytes_(std::move(bytes)) {}
  Result<std::size_t> read(ByteSpan out) override {
    const std::size_t count = std::min(out.size(), bytes_.size() - at_);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
    at_ += count;
    return count;
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

/// Gives its bytes, then fails.
class BrokenSource final : public client::ByteSource {
 public:
  explicit BrokenSource(std::size_t bytes) : left_(bytes) {}
  Result<std::size_t> read(ByteSpan out) override {
    if (left_ < out.size()) return fail(Code::failure, "broken source");
    left_ -= out.size();
    return out.size();
  }

 private:
  std::size_t left_;
};

class MemorySink final : public client::ByteSink {
 public:
  explicit MemorySink(Bytes& to) : to_(to) {}
  Result<void> write(ByteView bytes) override {
    append(to_, bytes);
    return {};
  }
  Result<void> finish() override {
    finished = true;
    return {};
  }
  bool finished = false;

 private:
  Bytes& to_;
};

inline Bytes random_bytes(std::size_t count, std::uint64_t seed = 1) {
  Bytes bytes(count);
  crypto::SeededRandom(seed).fill(bytes);
  return bytes;
}

/// Everything a source gives, pulled in runs of `run_bytes`.
inline Result<Bytes> drain(client::ByteSource& source, std::size_t run_bytes) {
  Bytes all;
  Bytes run(run_bytes);
  for (;;) {
    const std::size_t got = TRY(source.read(run));
    append(all, ByteView(run).first(got));
    if (got < run.size()) return all;
  }
}

/// Pushes bytes in runs of `run_bytes`, and finishes.
inline Result<void> pour(client::ByteSink& sink, ByteView bytes, std::size_t run_bytes) {
  while (!bytes.empty()) {
    const auto run = bytes.first(std::min(run_bytes, bytes.size()));
    TRY(sink.write(run));
    bytes = bytes.subspan(run.size());
  }
  return sink.finish();
}

}  // namespace inxt::test
