// SPDX-License-Identifier: LGPL-3.0-or-later
#include "support/streams.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/encoding.h"
#include "client/cipher_stream.h"
#include "client/content_stream.h"
#include "client/file_stream.h"
#include "client/padding.h"
#include "client/zstd_stream.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

using test::drain;
using test::MemorySink;
using test::MemorySource;
using test::pour;
using test::random_bytes;

const std::size_t kSizes[] = {0, 1, 15, 16, 17, 4095, 4096, 4097, 1048575, 1048576, 1048577, 3000000};
const std::size_t kRuns[] = {1, 7, 4096, 300000, 5000000};

/// Compressible and not, with runs of zeros and of marker bytes.
Bytes mixed_bytes(std::size_t count) {
  auto bytes = random_bytes(count, count);
  for (std::size_t i = count / 3; i < count / 2; ++i) bytes[i] = std::byte{0};
  for (std::size_t i = count - count / 4; i < count; ++i)
    bytes[i] = i % 3 == 0 ? std::byte{0x80} : std::byte{0};
  return bytes;
}

struct TemporaryFile {
  std::string path = "/tmp/inxt-streams-XXXXXX";
  int fd = ::mkstemp(path.data());
  ~TemporaryFile() {
    ::close(fd);
    ::unlink(path.c_str());
  }
};

TEST_CASE("padme rounds up to few lengths") {
  // From the definition: 9 = 0b1001 keeps 2 of its 3 lower bits' worth of precision.
  CHECK(padme(0) == 0);
  CHECK(padme(1) == 1);
  CHECK(padme(2) == 2);
  CHECK(padme(8) == 8);
  CHECK(padme(9) == 10);
  CHECK(padme(100) == 104);
  CHECK(padme(1000) == 1024);
  CHECK(padme(1'000'000) == 1'015'808);
  CHECK(padme(1'000'000'000) == 1'006'632'960);
  for (std::uint64_t length = 1; length < 5000; ++length) {
    CHECK(padme(length) >= length);
    CHECK(padme(padme(length)) == padme(length));
    CHECK((padme(length) - length) * 100 <= length * 12);
  }
}

TEST_CASE("padding comes off again") {
  for (const auto size : kSizes) {
    for (const auto run : kRuns) {
      if (run == 1 && size > 100000) continue;
      CAPTURE(size);
      CAPTURE(run);
      const auto data = mixed_bytes(size);
      PadSource source(std::make_unique<MemorySource>(data));
      const auto padded = drain(source, run);
      REQUIRE(padded);
      CHECK(padded->size() == padme(size + 1));
      Bytes back;
      UnpadSink sink(std::make_unique<MemorySink>(back));
      REQUIRE(pour(sink, *padded, run));
      CHECK(back == data);
    }
  }
}

TEST_CASE("wrong padding is refused") {
  const auto unpad = [](Bytes padded) {
    Bytes back;
    UnpadSink sink(std::make_unique<MemorySink>(back));
    return pour(sink, padded, 10);
  };
  Bytes good(104);
  good[99] = std::byte{0x80};
  CHECK(unpad(good));
  CHECK_FALSE(unpad({}));
  CHECK_FALSE(unpad(Bytes(104)));
  auto longer = good;
  longer.push_back(std::byte{0});
  CHECK_FALSE(unpad(longer));
  auto shorter = good;
  shorter.pop_back();
  CHECK_FALSE(unpad(shorter));
  auto other = good;
  other.back() = std::byte{1};
  CHECK_FALSE(unpad(other));
}

TEST_CASE("zstd round trips") {
  for (const auto size : kSizes) {
    for (const auto run : kRuns) {
      if (run == 1 && size > 100000) continue;
      CAPTURE(size);
      CAPTURE(run);
      const auto data = mixed_bytes(size);
      auto source = *ZstdSource::make(std::make_unique<MemorySource>(data), 1);
      const auto packed = drain(*source, run);
      REQUIRE(packed);
      Bytes back;
      ZstdSink sink(std::make_unique<MemorySink>(back));
      REQUIRE(pour(sink, *packed, run));
      CHECK(back == data);
      if (packed->size() > 40 && run == 4096) {  // within the table, and within the first frame
        for (const std::size_t cut : {packed->size() - 1, std::size_t{20}, std::size_t{3}}) {
          Bytes part;
          ZstdSink cut_sink(std::make_unique<MemorySink>(part));
          const auto result = pour(cut_sink, ByteView(*packed).first(cut), run);
          REQUIRE_FALSE(result);
          CHECK(result.error().code == Code::integrity);
        }
      }
    }
  }
}

TEST_CASE("the zstd program reads what is written, and its output is read") {
  const auto data = mixed_bytes(2'500'000);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, data.size()}) {
    CAPTURE(size);
    const Bytes plain(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
    auto source = *ZstdSource::make(std::make_unique<MemorySource>(plain));
    const auto packed = *drain(*source, 65536);
    // The footer: frames, descriptor, magic.
    REQUIRE(packed.size() >= 17);
    CHECK(packed[packed.size() - 9] ==
          static_cast<std::byte>((size + kZstdFrameBytes - 1) / kZstdFrameBytes));
    CHECK(to_hex(ByteView(packed).last(4)) == "b1ea928f");
    TemporaryFile file;
    TemporaryFile out;
    REQUIRE(sys::write_all(file.fd, packed, "packed"));
    CHECK(std::system(fmt::format("zstd -q -d -c {} > {}", file.path, out.path).c_str()) == 0);
    CHECK(*sys::read_file(out.path, data.size() + 1, "output") == plain);
    if (size < 2) continue;
    CHECK(std::system(
              fmt::format("zstd -q -f -9 --long=23 {0} -o {1} && cat {0} >/dev/null", out.path, file.path)
                  .c_str()) == 0);
    const auto theirs = *sys::read_file(file.path, data.size() + 1000, "packed");
    Bytes back;
    ZstdSink sink(std::make_unique<MemorySink>(back));
    REQUIRE(pour(sink, theirs, 10000));
    CHECK(back == plain);
  }
}

TEST_CASE("what is not zstd, or wants too much memory, is refused") {
  Bytes back;
  ZstdSink sink(std::make_unique<MemorySink>(back));
  CHECK_FALSE(pour(sink, random_bytes(1000), 100));
  // Magic, then a frame header that asks for a window of 2 GiB.
  const Bytes huge{std::byte{0x28}, std::byte{0xb5}, std::byte{0x2f}, std::byte{0xfd}, std::byte{0x00},
                   std::byte{0xa8}, std::byte{0x00}, std::byte{0x00}, std::byte{0x00}};
  ZstdSink window(std::make_unique<MemorySink>(back));
  const auto refused = pour(window, huge, 100);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what.find("kZstdWindowBytesMax") != std::string::npos);
  CHECK(ZstdSource::make(std::make_unique<MemorySource>(Bytes{}), 20).error().code == Code::usage);
  CHECK(ZstdSource::make(std::make_unique<MemorySource>(Bytes{}), 0).error().code == Code::usage);
}

TEST_CASE("content goes through every stage and back") {
  crypto::SeededRandom random(5);
  const auto generation = format::Generation::fresh(random);
  for (const auto size : kSizes) {
    for (int mask = 0; mask < 4; ++mask) {
      CAPTURE(size);
      CAPTURE(mask);
      const auto data = mixed_bytes(size);
      format::PrivatePart part;
      part.plain_bytes = size;
      part.zstd = (mask & 1) != 0;
      part.padded = (mask & 2) != 0;
      auto source = *encrypting_source(std::make_unique<MemorySource>(data), generation, part);
      const auto ciphertext = drain(*source, 100000);
      REQUIRE(ciphertext);
      if (mask == 0) CHECK(ciphertext->size() == size);
      if (size >= 16) CHECK(*ciphertext != data);
      Bytes back;
      REQUIRE(
          pour(*decrypting_sink(std::make_unique<MemorySink>(back), generation, part), *ciphertext, 70000));
      CHECK(back == data);
      if (size > 0) {  // a length that is not the header's
        auto wrong = part;
        wrong.plain_bytes = size - 1;
        Bytes more;
        const auto result =
            pour(*decrypting_sink(std::make_unique<MemorySink>(more), generation, wrong), *ciphertext, 70000);
        REQUIRE_FALSE(result);
        CHECK(result.error().code == Code::integrity);
        CHECK(more.size() < size);
      }
    }
  }
}

TEST_CASE("a file that changes while it is read is noticed") {
  TemporaryFile file;
  REQUIRE(sys::write_all(file.fd, random_bytes(10000), "file"));
  const auto reader = [&] { return FdSource(*sys::open_file(file.path), file.path); };
  Bytes half(5000);
  {
    auto source = reader();
    CHECK(source.length_bytes() == 10000);
    CHECK(drain(source, 4096)->size() == 10000);
  }
  {
    auto source = reader();
    REQUIRE(source.read(half));
    REQUIRE(sys::write_all(file.fd, half, "file"));
    const auto result = drain(source, 4096);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::integrity);
    CHECK(result.error().what.find(file.path) != std::string::npos);
  }
  {
    auto source = reader();
    REQUIRE(source.read(half));
    REQUIRE(::ftruncate(file.fd, 6000) == 0);
    CHECK_FALSE(drain(source, 4096));
  }
  {
    auto source = reader();
    REQUIRE(source.read(half));
    const timespec times[2] = {{0, UTIME_OMIT}, {1000, 0}};
    REQUIRE(::futimens(file.fd, times) == 0);
    CHECK_FALSE(drain(source, 4096));
  }
  // What the kernel makes up says that it is empty.
  FdSource status(*sys::open_file("/proc/self/status"), "/proc/self/status");
  CHECK_FALSE(status.length_bytes());
  CHECK(drain(status, 100)->size() > 100);
}

}  // namespace
}  // namespace inxt::client
