// SPDX-License-Identifier: AGPL-3.0-or-later
// The decompressing sink, fed in runs whose length is the first byte.
#include <algorithm>

#include "client/zstd_stream.h"
#include "fuzz/support/fuzz.h"
#include "support/streams.h"

namespace inxt::fuzz {
namespace {

/// A small file may say much: enough is enough.
class LimitedSink final : public client::ByteSink {
 public:
  Result<void> write(ByteView bytes) override {
    bytes_ += bytes.size();
    return bytes_ > 16 * 1024 * 1024 ? fail(Code::failure, "enough") : Result<void>{};
  }
  Result<void> finish() override { return {}; }

 private:
  std::uint64_t bytes_ = 0;
};

}  // namespace

void fuzz(ByteView input) {
  const std::size_t run = std::size_t{take_byte(input)} * 16 + 1;
  client::ZstdSink sink(std::make_unique<LimitedSink>());
  (void)test::pour(sink, input, run);

  // What was compressed comes back.
  auto source = client::ZstdSource::make(std::make_unique<test::MemorySource>(copy_of(input)), 1);
  CHECK_BUG(source.has_value());
  const auto compressed = test::drain(**source, run);
  CHECK_BUG(compressed.has_value());
  Bytes plain;
  client::ZstdSink back(std::make_unique<test::MemorySink>(plain));
  CHECK_BUG(test::pour(back, *compressed, run) && std::ranges::equal(plain, input));
}

}  // namespace inxt::fuzz
