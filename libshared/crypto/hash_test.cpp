// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/hash.h"

#include <doctest/doctest.h>

#include "crypto/random.h"
#include "crypto/sha256_pair.h"
#include "support/hex.h"

using namespace inxt;
using namespace inxt::crypto;
using inxt::testing::hex;

namespace {

Hash hash_with_prefix(std::byte prefix, ByteView block) {
  Bytes message{prefix};
  append(message, block);
  return sha256(message);
}

}  // namespace

TEST_CASE("SHA-256 agrees with NIST's examples for FIPS 180-4") {
  CHECK(to_hex(sha256(view_of("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256(view_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  Sha256 million;
  for (int i = 0; i < 1000; ++i) million.update(view_of(std::string(1000, 'a')));
  CHECK(to_hex(million.digest()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a running hash can be read, copied and continued") {
  Sha256 one;
  one.update(view_of("a"));
  Sha256 two = one;
  CHECK(one.digest() == sha256(view_of("a")));
  one.update(view_of("bc"));
  two.update(view_of("x"));
  CHECK(one.digest() == sha256(view_of("abc")));
  CHECK(one.digest() == sha256(view_of("abc")));
  CHECK(two.digest() == sha256(view_of("ax")));
  two = one;
  CHECK(two.digest() == sha256(view_of("abc")));
}

TEST_CASE("a label is the label, a zero byte and the parts") {
  const Hash expected = sha256(view_of(std::string_view("inxt/v1/test\0part1part2", 23)));
  CHECK(labelled_hash("inxt/v1/test", {view_of("part1"), view_of("part2")}) == expected);
  Sha256 running("inxt/v1/test");
  running.update(view_of("part1part2"));
  CHECK(running.digest() == expected);
}

TEST_CASE("two streams at once agree with NIST's example and with OpenSSL on every length") {
  if (!pair_supported()) return;
  Hash a, b;
  hash_pair(view_of("bc").data(), view_of("bc").data(), 2, std::byte{'a'}, a, b);
  CHECK(to_hex(a) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(a == b);

  SeededRandom random(1);
  for (std::size_t bytes = 0; bytes <= 400; ++bytes) {
    CAPTURE(bytes);
    Bytes data_a(bytes), data_b(bytes);
    random.fill(data_a);
    random.fill(data_b);
    const auto prefix = static_cast<std::byte>(bytes);
    hash_pair(data_a.data(), data_b.data(), bytes, prefix, a, b);
    REQUIRE(a == hash_with_prefix(prefix, data_a));
    REQUIRE(b == hash_with_prefix(prefix, data_b));
  }
}

TEST_CASE("blocks are hashed alike, two at a time and one by one, for any block and data size") {
  SeededRandom random(2);
  auto check = [&](std::size_t bytes, std::size_t block_bytes) {
    CAPTURE(bytes);
    CAPTURE(block_bytes);
    Bytes data(bytes);
    random.fill(data);
    const std::byte prefix = random.bytes<1>()[0];
    const std::size_t count = (bytes + block_bytes - 1) / block_bytes;
    std::vector<Hash> fast(count), slow(count);
    hash_blocks(data, block_bytes, prefix, fast);
    hash_blocks_one_by_one(data, block_bytes, prefix, slow);
    REQUIRE(fast == slow);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t from = i * block_bytes;
      REQUIRE(fast[i] ==
              hash_with_prefix(prefix, ByteView(data).subspan(from, std::min(block_bytes, bytes - from))));
    }
  };
  for (std::size_t bytes = 0; bytes <= 200; ++bytes)
    for (std::size_t block_bytes : {1, 7, 32, 55, 56, 63, 64, 65, 128}) check(bytes, block_bytes);
  for (int i = 0; i < 100; ++i) {
    const std::size_t bytes = random.below(100'000);
    check(bytes, 1 + random.below(9000));
  }
  for (std::size_t bytes : {4095, 4096, 4097, 8191, 8192, 8193, 2097152}) check(bytes, 4096);
}
