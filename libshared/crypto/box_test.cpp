// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/box.h"

#include <doctest/doctest.h>

#include "support/hex.h"

using namespace inxt;
using namespace inxt::crypto;
using inxt::testing::hex;
using inxt::testing::hex_array;

TEST_CASE("X25519 agrees with RFC 7748, section 6.1") {
  CHECK(to_hex(x25519_public(hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))) ==
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  CHECK(to_hex(x25519_public(hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))) ==
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

TEST_CASE("a sealed box opens for its recipient only") {
  SeededRandom random(5);
  const auto secret = random.bytes<32>();
  const auto other = random.bytes<32>();
  const Bytes text = copy_of(view_of("a file's secret"));
  const Bytes sealed = *seal_to(x25519_public(secret), text);
  CHECK(sealed.size() == text.size() + kSealedBoxOverheadBytes);
  CHECK(sealed != *seal_to(x25519_public(secret), text));
  CHECK(text_of(open_sealed(secret, sealed)->view()) == "a file's secret");
  CHECK(open_sealed(other, sealed).error().code == Code::wrong_key);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes altered = sealed;
    altered[i] ^= std::byte{1};
    CHECK(open_sealed(secret, altered).error().code == Code::wrong_key);
    CHECK(open_sealed(secret, ByteView(sealed).first(i)).error().code == Code::wrong_key);
  }
  CHECK(open_sealed(secret, *seal_to(x25519_public(secret), {}))->size() == 0);
}

TEST_CASE("nothing is sealed to a key of small order") {
  auto sealed = seal_to(ByteArray<32>{}, view_of("x"));
  REQUIRE_FALSE(sealed);
  CHECK(sealed.error().code == Code::integrity);
}

TEST_CASE("XChaCha20-Poly1305 agrees with draft-irtf-cfrg-xchacha-03, appendix A.3.1") {
  const Key key(std::span<const std::byte, 32>(
      hex_array<32>("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f")));
  const Bytes associated = hex("50515253c0c1c2c3c4c5c6c7");
  const std::string_view plain =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen "
      "would be "
      "it.";
  const std::string nonce = "404142434445464748494a4b4c4d4e4f5051525354555657";
  const std::string text =
      "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6"
      "708c54c216"
      "cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812"
      "f615c68b13"
      "b52ec0875924c1c7987947deafd8780acf49";
  CHECK(text_of(aead_open(key, associated, hex(nonce + text))->view()) == plain);

  struct FixedNonce final : Random {
    Bytes nonce;
    void fill(ByteSpan out) override {
      REQUIRE(out.size() == nonce.size());
      std::copy(nonce.begin(), nonce.end(), out.begin());
    }
  } random;
  random.nonce = hex(nonce);
  CHECK(to_hex(aead_seal(random, key, associated, view_of(plain))) == nonce + text);
}

TEST_CASE("a sealed text opens with its key, its context and unaltered only") {
  SeededRandom random(6);
  const Key key(random.bytes<32>()), other(random.bytes<32>());
  const Bytes sealed = aead_seal(random, key, view_of("context"), view_of("text"));
  CHECK(sealed.size() == 4 + kAeadOverheadBytes);
  CHECK(text_of(aead_open(key, view_of("context"), sealed)->view()) == "text");
  CHECK(aead_open(other, view_of("context"), sealed).error().code == Code::integrity);
  CHECK(aead_open(key, view_of("contexu"), sealed).error().code == Code::integrity);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes altered = sealed;
    altered[i] ^= std::byte{0x80};
    CHECK(aead_open(key, view_of("context"), altered).error().code == Code::integrity);
    CHECK(aead_open(key, view_of("context"), ByteView(sealed).first(i)).error().code == Code::integrity);
  }
}
