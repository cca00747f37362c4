// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/sign.h"

#include <doctest/doctest.h>
#include <sodium.h>

#include "crypto/random.h"
#include "support/hex.h"

using namespace inxt;
using namespace inxt::crypto;
using inxt::testing::hex;
using inxt::testing::hex_array;

TEST_CASE("Ed25519 agrees with RFC 8032, section 7.1, tests 1 to 3") {
  struct Vector {
    std::string_view seed, key, message, signature;
  };
  for (const Vector& v : {Vector{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                                 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                                 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a"
                                 "33bacc61e39701cf9b46bd25bf5f0"
                                 "595bbe24655141438e7a100b"},
                          Vector{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                                 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                                 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e1"
                                 "5996e458f3613d0f11d8c387b2eae"
                                 "b4302aeeb00d291612bb0c00"},
                          Vector{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                                 "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                                 "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d1"
                                 "6f290ae67f760984dc6594a7c15e9"
                                 "716ed28dc027beceea1ec40a"}}) {
    const SigningKey key = SigningKey::from_seed(hex(v.seed));
    CHECK(to_hex(key.public_key()) == v.key);
    CHECK(to_hex(key.seed()) == v.seed);
    CHECK(to_hex(key.sign_raw(hex(v.message))) == v.signature);
    CHECK(verify_raw(key.public_key(), hex(v.message), hex(v.signature)));
    CHECK(is_valid_public_key(key.public_key()));
    CHECK(key.clone().sign_raw(hex(v.message)) == key.sign_raw(hex(v.message)));
  }
}

TEST_CASE("a signature holds for its label, message and key only") {
  SeededRandom random(4);
  const SigningKey key = SigningKey::from_seed(random.bytes<32>());
  const SigningKey other = SigningKey::from_seed(random.bytes<32>());
  const Signature signature = key.sign("inxt/v1/test", {view_of("ab"), view_of("c")});
  CHECK(signature == key.sign_raw(view_of(std::string_view("inxt/v1/test\0abc", 16))));
  CHECK(verify(key.public_key(), "inxt/v1/test", {view_of("abc")}, signature));
  CHECK_FALSE(verify(other.public_key(), "inxt/v1/test", {view_of("abc")}, signature));
  CHECK_FALSE(verify(key.public_key(), "inxt/v1/tesu", {view_of("abc")}, signature));
  CHECK_FALSE(verify(key.public_key(), "inxt/v1/test", {view_of("abd")}, signature));
  CHECK_FALSE(verify(key.public_key(), "inxt/v1/test", {view_of("abc")}, ByteView(signature).first(63)));
  CHECK_FALSE(verify(key.public_key(), "inxt/v1/test", {view_of("abc")}, {}));
  for (std::size_t bit = 0; bit < 512; ++bit) {
    Signature flipped = signature;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    CHECK_FALSE(verify(key.public_key(), "inxt/v1/test", {view_of("abc")}, flipped));
  }
}

TEST_CASE("a signature has one form: S plus the group's order is refused") {
  const SigningKey key = SigningKey::from_seed(Bytes(32, std::byte{7}));
  Signature signature = key.sign_raw(view_of("x"));
  // RFC 8032, section 5.1: L = 2^252 + 27742317777372353535851937790883648493, little-endian.
  const Bytes order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += std::to_integer<unsigned>(signature[32 + i]) + std::to_integer<unsigned>(order[i]);
    signature[32 + i] = static_cast<std::byte>(carry);
    carry >>= 8;
  }
  CHECK_FALSE(verify_raw(key.public_key(), view_of("x"), signature));
}

// The points of small order and their encodings: Chalkias, Garillot and Nikolaenko, "Taming the many EdDSAs"
// (ePrint 2020/1244), table 6.
TEST_CASE("keys of small order, non-canonical keys and keys outside the main subgroup are refused") {
  for (std::string_view text : {"0000000000000000000000000000000000000000000000000000000000000000",
                                "0100000000000000000000000000000000000000000000000000000000000000",
                                "0100000000000000000000000000000000000000000000000000000000000080",
                                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
                                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {
    CAPTURE(text);
    const auto key = hex_array<32>(text);
    CHECK_FALSE(is_valid_public_key(key));
    // R of small order and S = 0: what a check that multiplies by the cofactor would accept for any message.
    Signature forged{};
    std::copy(key.begin(), key.end(), forged.begin());
    CHECK_FALSE(verify_raw(key, view_of("x"), forged));
    forged = {};
    forged[0] = std::byte{1};
    CHECK_FALSE(verify_raw(key, view_of("x"), forged));
  }
  // A good key plus a point of order 8 is on the curve, but not in the main subgroup.
  const SigningKey good = SigningKey::from_seed(Bytes(32, std::byte{9}));
  const auto order_8 = hex_array<32>("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
  PublicKey mixed;
  REQUIRE(crypto_core_ed25519_add(raw(ByteSpan(mixed)), raw(ByteView(good.public_key())),
                                  raw(ByteView(order_8))) == 0);
  CHECK_FALSE(is_valid_public_key(mixed));
  CHECK(is_valid_public_key(good.public_key()));
}
