// SPDX-License-Identifier: AGPL-3.0-or-later
// Padding taken off in runs whose length is the first byte: what is accepted is what padding makes.
#include <algorithm>

#include "client/padding.h"
#include "fuzz/support/fuzz.h"
#include "support/streams.h"

namespace inxt::fuzz {
namespace {

Bytes padded(const Bytes& data, std::size_t run) {
  client::PadSource source(std::make_unique<test::MemorySource>(data));
  const auto out = test::drain(source, run);
  CHECK_BUG(out.has_value());
  return *out;
}

}  // namespace

void fuzz(ByteView input) {
  const std::size_t run = std::size_t{take_byte(input)} + 1;
  Bytes data;
  client::UnpadSink sink(std::make_unique<test::MemorySink>(data));
  if (test::pour(sink, input, run)) CHECK_BUG(std::ranges::equal(padded(data, run), input));

  const auto made = padded(copy_of(input), run);
  Bytes back;
  client::UnpadSink again(std::make_unique<test::MemorySink>(back));
  CHECK_BUG(test::pour(again, made, run) && std::ranges::equal(back, input));
}

}  // namespace inxt::fuzz
