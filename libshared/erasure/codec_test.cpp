// SPDX-License-Identifier: AGPL-3.0-or-later
#include "erasure/codec.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <tuple>

using namespace inxt;
using namespace inxt::erasure;

namespace {

// GF(2^8) as the format states it, without tables: the second opinion on ISA-L.
std::uint8_t multiply(std::uint8_t a, std::uint8_t b) {
  unsigned product = 0, shifted = a;
  for (unsigned bits = b; bits != 0; bits >>= 1) {
    if (bits & 1) product ^= shifted;
    shifted = shifted << 1 ^ (shifted & 0x80 ? 0x11du : 0u);
  }
  return static_cast<std::uint8_t>(product);
}

std::uint8_t inverse(std::uint8_t a) {
  for (unsigned b = 1; b < 256; ++b)
    if (multiply(a, static_cast<std::uint8_t>(b)) == 1) return static_cast<std::uint8_t>(b);
  FAIL("0 has no inverse");
  return 0;
}

std::vector<Bytes> parity_by_hand(const std::vector<Bytes>& data, std::uint32_t m) {
  const auto k = static_cast<std::uint32_t>(data.size());
  std::vector<Bytes> parity(m, Bytes(data[0].size()));
  for (std::uint32_t r = 0; r < m; ++r)
    for (std::uint32_t j = 0; j < k; ++j) {
      const std::uint8_t coefficient = inverse(static_cast<std::uint8_t>((k + r) ^ j));
      for (std::size_t i = 0; i < data[j].size(); ++i)
        parity[r][i] ^= std::byte{multiply(coefficient, std::to_integer<std::uint8_t>(data[j][i]))};
    }
  return parity;
}

class Segment {
 public:
  Segment(std::uint32_t k, std::uint32_t m, std::size_t bytes, std::mt19937_64& random)
      : codec(*Codec::make(k, m)), shards(k + m, Bytes(bytes)) {
    for (std::uint32_t j = 0; j < k; ++j)
      for (std::byte& b : shards[j]) b = static_cast<std::byte>(random());
    std::vector<ByteView> data(shards.begin(), shards.begin() + k);
    std::vector<ByteSpan> parity(shards.begin() + k, shards.end());
    codec.encode(data, parity);
  }

  // Loses these shards and rebuilds them, last first.
  Result<std::vector<Bytes>> without(std::vector<std::uint32_t> lost) const {
    std::vector<ByteView> there(shards.begin(), shards.end());
    for (std::uint32_t shard : lost) there[shard] = {};
    std::vector<Bytes> room(lost.size(), Bytes(shards[0].size(), std::byte{0xee}));
    std::vector<Wanted> wanted;
    for (std::size_t i = lost.size(); i-- > 0;) wanted.push_back({lost[i], room[i]});
    TRY(codec.rebuild(there, wanted));
    return room;
  }

  void check_without(const std::vector<std::uint32_t>& lost) const {
    auto rebuilt = without(lost);
    REQUIRE(rebuilt);
    for (std::size_t i = 0; i < lost.size(); ++i) REQUIRE((*rebuilt)[i] == shards[lost[i]]);
  }

  void check_too_few(const std::vector<std::uint32_t>& lost) const {
    auto rebuilt = without(lost);
    REQUIRE_FALSE(rebuilt);
    REQUIRE(rebuilt.error().code == Code::too_few_pieces);
  }

  Codec codec;
  std::vector<Bytes> shards;
};

std::vector<std::uint32_t> some_of(std::uint32_t all, std::uint32_t count, std::mt19937_64& random) {
  std::vector<std::uint32_t> numbers(all);
  std::iota(numbers.begin(), numbers.end(), 0u);
  std::shuffle(numbers.begin(), numbers.end(), random);
  numbers.resize(count);
  return numbers;
}

}  // namespace

TEST_CASE("the field is the one of polynomial 0x11d") {
  CHECK(multiply(0x80, 2) == 0x1d);
  CHECK(multiply(2, 0x8e) == 1);
  CHECK(inverse(1) == 1);
  CHECK(inverse(2) == 0x8e);
  CHECK(inverse(3) == 0xf4);
}

// Coefficients of 2+2: row 2 is inverse(2), inverse(3) = 8e, f4; row 3 is inverse(3), inverse(2) = f4, 8e.
TEST_CASE("the parity of 2+2 is fixed") {
  std::vector<Bytes> data(2, Bytes(16));
  data[0][0] = std::byte{1};
  data[1][1] = std::byte{1};
  data[0][2] = std::byte{2};
  data[0][15] = data[1][15] = std::byte{1};
  std::vector<Bytes> expected(2, Bytes(16));
  expected[0][0] = std::byte{0x8e};
  expected[1][0] = std::byte{0xf4};
  expected[0][1] = std::byte{0xf4};
  expected[1][1] = std::byte{0x8e};
  expected[0][2] = std::byte{0x01};
  expected[1][2] = std::byte{0xf5};                     // f4 * 2 = 1e8 ^ 11d
  expected[0][15] = expected[1][15] = std::byte{0x7a};  // 8e ^ f4
  CHECK(parity_by_hand(data, 2) == expected);

  std::vector<Bytes> parity(2, Bytes(16));
  const std::vector<ByteView> in(data.begin(), data.end());
  const std::vector<ByteSpan> out(parity.begin(), parity.end());
  Codec::make(2, 2)->encode(in, out);
  CHECK(parity == expected);
}

TEST_CASE("parity is what the format's coefficients give, for any K, M and length") {
  std::mt19937_64 random(1);
  for (auto [k, m, bytes] : {std::tuple<std::uint32_t, std::uint32_t, std::size_t>{1, 1, 16},
                             {4, 2, 16},
                             {4, 2, 48},
                             {10, 4, 112},
                             {3, 7, 4096},
                             {29, 51, 80},
                             {64, 64, 32},
                             {1, 64, 64},
                             {64, 1, 16},
                             {20, 8, 32 * 1024 + 16}}) {
    CAPTURE(k);
    CAPTURE(m);
    const Segment segment(k, m, bytes, random);
    const std::vector<Bytes> data(segment.shards.begin(), segment.shards.begin() + k);
    CHECK(std::vector<Bytes>(segment.shards.begin() + k, segment.shards.end()) == parity_by_hand(data, m));
  }
}

TEST_CASE("every K+M up to 10+10 comes back from any K shards, and not from fewer") {
  std::mt19937_64 random(2);
  for (std::uint32_t k = 1; k <= 10; ++k)
    for (std::uint32_t m = 0; m <= 10; ++m) {
      CAPTURE(k);
      CAPTURE(m);
      const std::size_t bytes = 16 * (1 + random() % 20);
      const Segment segment(k, m, bytes, random);
      for (int i = 0; i < 20; ++i) segment.check_without(some_of(k + m, m, random));
      for (std::uint32_t lost = 0; lost < m; ++lost) segment.check_without(some_of(k + m, lost, random));
      for (int i = 0; i < 5; ++i) segment.check_too_few(some_of(k + m, m + 1, random));
      segment.check_too_few(some_of(k + m, k + m, random));
    }
}

TEST_CASE("every single and double loss of 4+2 comes back") {
  std::mt19937_64 random(3);
  const Segment segment(4, 2, 96, random);
  for (std::uint32_t a = 0; a < 6; ++a) {
    segment.check_without({a});
    for (std::uint32_t b = 0; b < 6; ++b)
      if (a != b) segment.check_without({a, b});
    for (std::uint32_t b = a + 1; b < 6; ++b)
      for (std::uint32_t c = b + 1; c < 6; ++c) segment.check_too_few({a, b, c});
  }
}

TEST_CASE("larger codes up to 64+64 come back, also over several strips") {
  std::mt19937_64 random(4);
  for (int i = 0; i < 60; ++i) {
    const auto k = static_cast<std::uint32_t>(1 + random() % 64);
    const auto m = static_cast<std::uint32_t>(random() % 65);
    CAPTURE(k);
    CAPTURE(m);
    const Segment segment(k, m, 16 * (1 + random() % 20), random);
    segment.check_without(some_of(k + m, m, random));
    segment.check_too_few(some_of(k + m, m + 1, random));
  }
  const Segment widest(64, 64, 32, random);
  for (int i = 0; i < 10; ++i) widest.check_without(some_of(128, 64, random));
  std::vector<std::uint32_t> all_data(64);
  std::iota(all_data.begin(), all_data.end(), 0u);
  widest.check_without(all_data);
  for (std::size_t bytes : {32 * 1024 - 16, 32 * 1024, 32 * 1024 + 16, 100'000})
    Segment(12, 8, bytes, random).check_without(some_of(20, 8, random));
}

TEST_CASE("only what is wanted is rebuilt") {
  std::mt19937_64 random(5);
  const Segment segment(4, 3, 64, random);
  std::vector<ByteView> there(segment.shards.begin(), segment.shards.end());
  there[1] = there[5] = there[6] = {};
  Bytes fifth(64);
  const Wanted wanted[] = {{5, fifth}};
  REQUIRE(segment.codec.rebuild(there, wanted));
  CHECK(fifth == segment.shards[5]);
  CHECK(segment.codec.rebuild(there, {}));
}

TEST_CASE("too few shards: it says how many there are, and writes nothing") {
  std::mt19937_64 random(6);
  const Segment segment(4, 2, 64, random);
  std::vector<ByteView> there(6);
  there[0] = segment.shards[0];
  there[5] = segment.shards[5];
  Bytes room(64, std::byte{0xee});
  const Wanted wanted[] = {{1, room}};
  auto rebuilt = segment.codec.rebuild(there, wanted);
  REQUIRE_FALSE(rebuilt);
  CHECK(rebuilt.error().code == Code::too_few_pieces);
  CHECK(rebuilt.error().what == "2 of 6 shards are there, and 4 are needed");
  CHECK(room == Bytes(64, std::byte{0xee}));
}

TEST_CASE("K and M have limits, by name") {
  auto limit = [](std::uint32_t k, std::uint32_t m) {
    auto codec = Codec::make(k, m);
    REQUIRE_FALSE(codec);
    CHECK(codec.error().code == Code::usage);
    return codec.error().what;
  };
  CHECK(limit(0, 2).find("kDataShardsMax") != std::string::npos);
  CHECK(limit(65, 2).find("kDataShardsMax") != std::string::npos);
  CHECK(limit(64, 65).find("kParityShardsMax") != std::string::npos);
  CHECK(limit(4, 0xffffffff).find("kParityShardsMax") != std::string::npos);
  CHECK(Codec::make(64, 64));
  CHECK(Codec::make(1, 0));
}
