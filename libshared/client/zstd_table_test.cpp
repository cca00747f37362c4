// SPDX-License-Identifier: AGPL-3.0-or-later
// Which frames a range needs, against the frames that ZstdSource writes; what is refused is in tests/vectors.
#include "client/zstd_table.h"

#include <doctest/doctest.h>

#include "client/zstd_stream.h"
#include "support/streams.h"

namespace inxt::client {
namespace {

Bytes compressed(ByteView plain) {
  auto source = ZstdSource::make(std::make_unique<test::MemorySource>(copy_of(plain)));
  REQUIRE(source);
  return test::drain(**source, 4096).value();
}

Bytes decompressed(ByteView stream) {
  Bytes out;
  ZstdSink sink(std::make_unique<test::MemorySink>(out));
  REQUIRE(test::pour(sink, stream, 4096));
  return out;
}

TEST_CASE("the frames of a range hold it, and begin where the table says") {
  const auto plain = test::random_bytes(2 * kZstdFrameBytes + 5);
  const auto stream = compressed(plain);
  const auto table = ZstdTable::read(stream, stream.size());
  REQUIRE(table);
  CHECK(table->frames() == 3);
  CHECK(table->plain_bytes() == plain.size());
  constexpr std::uint64_t f = kZstdFrameBytes;
  for (const auto& [first, end, frame_first, frame_end] :
       std::initializer_list<std::array<std::uint64_t, 4>>{{0, 1, 0, f},
                                                           {0, f, 0, f},
                                                           {0, f + 1, 0, 2 * f},
                                                           {f - 1, f, 0, f},
                                                           {f, f + 1, f, 2 * f},
                                                           {f + 5, 2 * f, f, 2 * f},
                                                           {2 * f, 2 * f + 1, 2 * f, 2 * f + 5},
                                                           {5, UINT64_MAX, 0, 2 * f + 5},
                                                           {2 * f + 4, UINT64_MAX, 2 * f, 2 * f + 5}}) {
    CAPTURE(first);
    CAPTURE(end);
    const auto run = table->run_of(first, end);
    CHECK(run.plain_first == frame_first);
    const auto back = decompressed(ByteView(stream).subspan(run.first, run.end - run.first));
    CHECK(back == copy_of(ByteView(plain).subspan(frame_first, frame_end - frame_first)));
  }
  const auto behind = table->run_of(plain.size(), UINT64_MAX);
  CHECK(behind.first == behind.end);
}

TEST_CASE("the table is read from the end of a stream alone") {
  const auto stream = compressed(test::random_bytes(3 * kZstdFrameBytes));
  const auto table_bytes = ZstdTable::bytes_from(ByteView(stream).last(kZstdFooterBytes));
  REQUIRE(table_bytes);
  CHECK(*table_bytes == kZstdTableFixedBytes + 3 * 8);
  CHECK(ZstdTable::read(ByteView(stream).last(*table_bytes), stream.size()));
  CHECK(ZstdTable::read(ByteView(stream).last(*table_bytes - 1), stream.size()).error().code ==
        Code::integrity);
  CHECK(ZstdTable::read(ByteView(stream).last(*table_bytes), stream.size() + 1).error().code ==
        Code::integrity);
  const auto empty = compressed({});
  const auto table = ZstdTable::read(empty, empty.size());
  REQUIRE(table);
  CHECK(table->frames() == 0);
  CHECK(table->plain_bytes() == 0);
}

}  // namespace
}  // namespace inxt::client
