// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/ctr.h"

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include "crypto/random.h"
#include "support/hex.h"

using namespace inxt;
using namespace inxt::crypto;
using inxt::testing::hex;

namespace {

Bytes key_stream(ByteView key, std::uint64_t offset, std::size_t bytes) {
  Bytes out(bytes);
  Ctr(key, offset).apply(out);
  return out;
}

// AES-256 of one block, by another mode of OpenSSL.
Bytes block_cipher(ByteView key, ByteView block) {
  Bytes out(16);
  int written = 0;
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  REQUIRE(EVP_EncryptInit_ex(context, EVP_aes_256_ecb(), nullptr, raw(key), nullptr) == 1);
  REQUIRE(EVP_EncryptUpdate(context, raw(ByteSpan(out)), &written, raw(block), 16) == 1);
  EVP_CIPHER_CTX_free(context);
  return out;
}

}  // namespace

// Counters 0, 1 and 2 under a key of zeros: "The Galois/Counter Mode of Operation" (McGrew and Viega, 2005),
// appendix B, test cases 13 (H; the tag of nothing) and 14 (the ciphertext of zeros).
TEST_CASE("the key stream is AES-256 of the counter") {
  const Bytes zeros(32);
  CHECK(to_hex(key_stream(zeros, 0, 48)) ==
        "dc95c078a2408989ad48a21492842087"
        "530f8afbc74536b9a963b4f1c4cb738b"
        "cea7403d4d606b6e074ec5d3baf39d18");
}

// NIST SP 800-38A, section 6.5: block j of the output is P_j XOR CIPH(T_j); here T_j is j, big-endian.
TEST_CASE("block j is the text xored with the cipher of j, also past 2^32 blocks") {
  // The key of SP 800-38A, appendix F.5.5.
  const Bytes key = hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  // That the block cipher above is AES: F.5.5, counter and output block #1.
  CHECK(to_hex(block_cipher(key, hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"))) ==
        "0bdf7df1591716335e9a8b15c860c502");
  for (std::uint64_t block :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{255}, std::uint64_t{256}, std::uint64_t{1} << 32,
        (std::uint64_t{1} << 32) - 1, (std::uint64_t{1} << 60) - 1}) {
    CAPTURE(block);
    Bytes counter(8);
    append(counter, big_endian(block));
    CHECK(key_stream(key, block * 16, 16) == block_cipher(key, counter));
  }
}

TEST_CASE("any range, in parts of any size, in place or not, is the same key stream") {
  SeededRandom random(3);
  const auto key = random.bytes<32>();
  const Bytes whole = key_stream(key, 0, 10'000);
  for (int i = 0; i < 300; ++i) {
    const std::size_t from = random.below(whole.size());
    const std::size_t bytes = random.below(whole.size() - from + 1);
    CAPTURE(from);
    CAPTURE(bytes);
    Bytes text(bytes), out(bytes);
    random.fill(text);
    Ctr parts(key, from);
    for (std::size_t done = 0; done < bytes;) {
      const std::size_t part = std::min<std::size_t>(random.below(100), bytes - done);
      parts.apply(ByteView(text).subspan(done, part), ByteSpan(out).subspan(done, part));
      done += part;
    }
    for (std::size_t k = 0; k < bytes; ++k) REQUIRE(out[k] == (text[k] ^ whole[from + k]));
    Ctr(key, from).apply(out);
    REQUIRE(out == text);
  }
}
