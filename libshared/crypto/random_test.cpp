// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/random.h"

#include <doctest/doctest.h>

#include <array>

#include "crypto/secret.h"
#include "support/hex.h"

using namespace inxt;
using namespace inxt::crypto;

// draft-agl-tls-chacha20poly1305-04, section 7, first vector: key and nonce of zeros.
TEST_CASE("a seeded stream is ChaCha20's, from a new block for each call") {
  SeededRandom random(0);
  CHECK(to_hex(random.bytes<32>()) == "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7");
  SeededRandom again(0), other(1);
  Bytes both(128), first(1), second(64);
  again.fill(both);
  SeededRandom third(0);
  third.fill(first);
  third.fill(second);
  CHECK(first[0] == both[0]);
  CHECK(second == Bytes(both.begin() + 64, both.end()));
  Bytes different(128);
  other.fill(different);
  CHECK(different != both);
}

TEST_CASE("below is uniform and stays below") {
  SeededRandom random(7);
  CHECK(random.below(1) == 0);
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i) ++counts.at(random.below(6));
  double chi_squared = 0;
  for (int count : counts) chi_squared += (count - 10'000.0) * (count - 10'000.0) / 10'000.0;
  CHECK(chi_squared < 20.5);  // 0.1 % of uniform sources are past it; this seed is not
  // Two thirds of 2^64: taking the remainder alone would draw the lower half twice as often as the upper.
  const std::uint64_t bound = 0xaaaaaaaaaaaaaaaa;
  int lower = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t drawn = random.below(bound);
    REQUIRE(drawn < bound);
    lower += drawn < bound / 2;
  }
  CHECK(lower > 4800);
  CHECK(lower < 5200);
}

TEST_CASE("the system's random bytes differ") {
  start();
  SystemRandom random;
  CHECK(random.bytes<32>() != random.bytes<32>());
}

TEST_CASE("secrets are wiped when they move, die or grow") {
  ByteArray<32> from;
  from.fill(std::byte{0xaa});
  Secret<32> one{std::span<const std::byte, 32>(from)};
  Secret<32> two = std::move(one);
  CHECK(to_hex(one.view()) == std::string(64, '0'));  // NOLINT: what moving leaves is the contract
  CHECK(to_hex(two.clone().view()) == to_hex(from));

  SecretBytes text;
  text.append(view_of("correct horse "));
  for (int i = 0; i < 100; ++i) text.append(view_of("battery "));
  text.append(text.view());
  CHECK(text.size() == 2 * (14 + 800));
  CHECK(text.text().substr(0, 30) == "correct horse battery battery ");
  CHECK(text.text().substr(814, 14) == "correct horse ");
  SecretBytes moved;
  moved = std::move(text);
  CHECK(moved.size() == 1628);
}
