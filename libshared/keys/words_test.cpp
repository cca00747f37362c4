// SPDX-License-Identifier: LGPL-3.0-or-later
// Vectors: https://github.com/trezor/python-mnemonic/blob/master/vectors.json ("english", passphrase
// "TREZOR"), the ones that BIP-39 names as its test vectors.
#include "keys/words.h"

#include <doctest/doctest.h>

#include "base/encoding.h"
#include "crypto/hash.h"

namespace inxt::keys {
namespace {

Bytes unhex(std::string_view text) {
  Bytes bytes(text.size() / 2);
  REQUIRE(from_hex(text, bytes));
  return bytes;
}

struct Vector {
  std::string_view entropy, words, seed;
};
constexpr Vector kVectors[]{
    {"00000000000000000000000000000000",
     "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
     "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3"
     "c4ab7c81b"
     "2f001698e7463b04"},
    {"7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
     "legal winner thank year wave sausage worth useful legal winner thank yellow",
     "2e8905819b8723fe2c1d161860e5ee1830318dbf49a83bd451cfb8440c28bd6fa457fe1296106559a3c80937a1c1069be3a3a5b"
     "d381ee626"
     "0e8d9739fce1f607"},
    {"80808080808080808080808080808080",
     "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
     "d71de856f81a8acc65e6fc851a38d4d7ec216fd0796d0a6827a3ad6ed5511a30fa280f12eb2e47ed2ac03b5c462a0358d18d69f"
     "e4f985ec8"
     "1778c1b370b652a8"},
    {"ffffffffffffffffffffffffffffffff", "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong",
     "ac27495480225222079d7be181583751e86f571027b0497b5b5d11218e0a8a13332572917f0f8e5a589620c6f15b11c61dee327"
     "651a14c34"
     "e18231052e48c069"},
    {"0000000000000000000000000000000000000000000000000000000000000000",
     "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
     "abandon abandon "
     "abandon abandon abandon abandon abandon abandon abandon abandon abandon art",
     "bda85446c68413707090a52022edd26a1c9462295029f2e60cd7c4f2bbd3097170af7a4d73245cafa9c3cca8d561a7c3de6f5d4"
     "a10be8ed2"
     "a5e608d68f92fcc8"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo vote",
     "dd48c104698c30cfe2b6142103248622fb7bb0ff692eebb00089b32d22484e1613912f0a5b694407be899ffd31ed3992c456cdf"
     "60f5d4564"
     "b8ba3f05a69890ad"},
    {"9e885d952ad362caeb4efe34a8e91bd2",
     "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic",
     "274ddc525802f7c828d8ef7ddbcdc5304e87ac3535913611fbbfa986d0c9e5476c91689f9c8a54fd55bd38606aa6a8595ad213d"
     "4c9c9f9ac"
     "a3fb217069a41028"},
    {"68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
     "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel "
     "tennis maple "
     "dilemma loan word shrug inflict delay length",
     "64c87cde7e12ecf6704ab95bb1408bef047c22db4cc7491c4271d170a1b213d20b385bc1588d9c7b38f1b39d415665b8a9030c9"
     "ec653d75e"
     "65f847d8fc1fc440"},
    {"f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
     "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen "
     "patrol group "
     "space point ten exist slush involve unfold",
     "01f5bced59dec48e362f2c45b5de68b9fd6c92c6634f44d6d40aab69056506f0e35524a518034ddc1192e1dacd32c1ed3eaa3c3"
     "b131c88ed"
     "8e7e54c49a5d0998"},
};

TEST_CASE("the list is BIP-39's english.txt") {
  std::string text;
  for (std::size_t i = 0; i < kWordCount; ++i) {
    text += word_at(i);
    text += '\n';
    CHECK(word_index(word_at(i)) == i);
  }
  CHECK(to_hex(crypto::sha256(view_of(text))) ==
        "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
}

TEST_CASE("published vectors: entropy, words and seed") {
  for (const Vector& vector : kVectors) {
    CHECK(words_from_entropy(unhex(vector.entropy)).text() == vector.words);
    auto entropy = entropy_from_words(vector.words);
    REQUIRE(entropy);
    CHECK(to_hex(entropy->view()) == vector.entropy);
    CHECK(to_hex(seed_from_words(vector.words, "TREZOR").view()) == vector.seed);
  }
}

TEST_CASE("white space and capitals do not matter") {
  auto entropy = entropy_from_words(
      "  Legal WINNER\tthank year\r\nwave sausage worth useful legal winner thank  yellow\n");
  REQUIRE(entropy);
  CHECK(to_hex(entropy->view()) == kVectors[1].entropy);
}

TEST_CASE("a mistake names the word, its position and the nearest words") {
  auto misspelt =
      entropy_from_words("legal winner thank yaer wave sausage worth useful legal winner thank yellow");
  REQUIRE(!misspelt);
  CHECK(misspelt.error().code == Code::usage);
  CHECK(misspelt.error().what == "word 4 is not in the list: \"yaer\"");
  CHECK(misspelt.error().hint.starts_with("did you mean: year"));

  auto hostile = entropy_from_words("legal \x1b[2Jwinner");
  REQUIRE(!hostile);
  CHECK(hostile.error().what.find('\x1b') == std::string::npos);
}

TEST_CASE("a wrong word of the list fails the checksum; wrong counts are said") {
  auto wrong = entropy_from_words("legal winner thank year wave sausage worth useful legal winner thank zoo");
  REQUIRE(!wrong);
  CHECK(wrong.error().code == Code::integrity);
  CHECK(wrong.error().what.find("checksum") != std::string::npos);

  auto few = entropy_from_words("legal winner thank");
  REQUIRE(!few);
  CHECK(few.error().what == "3 words; 24 or 12 are needed");
  std::string many;
  for (int i = 0; i < 25; ++i) many += "zoo ";
  CHECK(entropy_from_words(many).error().what == "25 words; 24 or 12 are needed");
  CHECK(!entropy_from_words(""));
  CHECK(
      entropy_from_words(std::string(kWordsTextBytesMax + 1, ' ')).error().what.find("kWordsTextBytesMax") !=
      std::string::npos);
  CHECK(!entropy_from_words(std::string(500, 'a')));
}

TEST_CASE("nearest words") {
  CHECK(nearest_words("abandn").front() == "abandon");
  CHECK(nearest_words("zooo").front() == "zoo");
  CHECK(nearest_words("qqqqqqqqqqqq").empty());
  CHECK(nearest_words(std::string(1000, 'a')).empty());
}

}  // namespace
}  // namespace inxt::keys
