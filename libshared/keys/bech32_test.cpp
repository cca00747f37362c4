// SPDX-License-Identifier: LGPL-3.0-or-later
// Vectors: BIP-173, "Test vectors", Bech32 strings.
#include "keys/bech32.h"

#include <doctest/doctest.h>

#include "crypto/random.h"

namespace inxt::keys {
namespace {

TEST_CASE("BIP-173: valid strings") {
  for (std::string text :
       {"A12UEL5L", "a12uel5l",
        "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
        "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
        "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
        "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "?1ezyfcl"}) {
    CAPTURE(text);
    auto decoded = bech32_decode(text);
    REQUIRE(decoded);
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    CHECK(bech32_encode(decoded->prefix, decoded->values) == text);
  }
}

TEST_CASE("BIP-173: invalid strings") {
  for (std::string_view text :
       {"\x20"
        "1nwldj5",
        "\x7f"
        "1axkwrx",
        "\x80"
        "1eym55h",
        "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx",
        "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "de1lg7wt\xff", "A1G7SGD8", "10a06t8",
        "1qzzfhee", "A12uEL5L", ""}) {
    CAPTURE(text);
    CHECK(!bech32_decode(text));
  }
}

TEST_CASE("recipients go to text and back; every changed letter is found") {
  crypto::SeededRandom random(1);
  for (int i = 0; i < 20; ++i) {
    Recipient recipient = random.bytes<32>();
    std::string text = recipient_text(recipient);
    CHECK(text.starts_with("inxtr1"));
    CHECK(text.size() == 64);
    REQUIRE(recipient_from_text(text));
    CHECK(*recipient_from_text(text) == recipient);
    for (std::size_t at = 0; at < text.size(); ++at) {
      std::string changed = text;
      changed[at] = text[at] == 'q' ? 'p' : 'q';
      CHECK(!recipient_from_text(changed));
    }
  }
  CHECK(recipient_from_text("a12uel5l").error().code == Code::usage);
  // The same 32 zero bytes with one of the four unused bits set: a second spelling, refused.
  std::vector<std::uint8_t> values(52, 0);
  REQUIRE(recipient_from_text(bech32_encode("inxtr", values)));
  values.back() = 1;
  CHECK(!recipient_from_text(bech32_encode("inxtr", values)));
}

}  // namespace
}  // namespace inxt::keys
