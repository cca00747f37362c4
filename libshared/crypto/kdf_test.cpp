// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/kdf.h"

#include <doctest/doctest.h>

#include "crypto/random.h"
#include "support/hex.h"

using namespace inxt;
using namespace inxt::crypto;
using inxt::testing::hex;

namespace {

std::string hkdf(std::string_view key, std::string_view salt, std::string_view info, std::size_t bytes) {
  Bytes out(bytes);
  hkdf_sha256(hex(key), hex(salt), hex(info), out);
  return to_hex(out);
}

Result<std::string> argon2id(std::string_view passphrase, std::string_view salt64, std::uint32_t memory_kib,
                             std::uint32_t passes) {
  ByteArray<16> salt;
  REQUIRE(from_base64url(salt64, salt));
  const Key key = TRY(key_from_passphrase(view_of(passphrase), salt, memory_kib, passes));
  return to_base64url(key.view());
}

}  // namespace

TEST_CASE("HKDF-SHA256 agrees with RFC 5869, appendix A.1 to A.3") {
  CHECK(hkdf("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
             "f0f1f2f3f4f5f6f7f8f9",
             42) == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  CHECK(hkdf("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2"
             "f303132333435"
             "363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
             "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8"
             "f909192939495"
             "969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
             "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcddded"
             "fe0e1e2e3e4e5"
             "e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
             82) ==
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da32"
        "75600c2f"
        "09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  CHECK(hkdf("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "", 42) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST_CASE("an empty salt is 32 zero bytes (RFC 5869, section 2.2)") {
  CHECK(hkdf("0b0b", "", "01", 32) == hkdf("0b0b", std::string(64, '0'), "01", 32));
}

TEST_CASE("derive takes label, zero byte and parameters as the info") {
  Bytes expected(32);
  hkdf_sha256(view_of("key"), view_of("salt"), view_of(std::string_view("inxt/v1/test\0more", 17)), expected);
  const Key key = derive(view_of("key"), view_of("salt"), "inxt/v1/test", view_of("more"));
  CHECK(to_hex(key.view()) == to_hex(expected));
}

// libsodium, test/default/pwhash_argon2id.c, tv3: the one within our limits that passes.
TEST_CASE("Argon2id agrees with libsodium's vector") {
  start();
  CHECK(argon2id("", "bA81arsiXysd3WbTRzmEOw", 4882, 2) == "Nm8QBM-7RH1DXo9rvp5cwKEOOOfD2g6JuxlXihoNcpE");
}

TEST_CASE("Argon2id refuses parameters past their limits, by name") {
  const ByteArray<16> salt{};
  auto refused = [&](std::uint32_t memory_kib, std::uint32_t passes, std::string_view limit) {
    auto key = key_from_passphrase(view_of("x"), salt, memory_kib, passes);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == Code::usage);
    CHECK(key.error().what.find(limit) != std::string::npos);
  };
  refused(kArgonMemoryKibMax + 1, 1, "kArgonMemoryKibMax");
  refused(kArgonMemoryKibMin - 1, 1, "kArgonMemoryKibMin");
  refused(64, kArgonPassesMax + 1, "kArgonPassesMax");
  refused(64, 0, "kArgonPassesMax");
  CHECK(key_from_passphrase(view_of("x"), salt, kArgonMemoryKibMin, 1));
}
