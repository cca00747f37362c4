// SPDX-License-Identifier: AGPL-3.0-or-later
#include <doctest/doctest.h>

#include "base/encoding.h"
#include "base/ids.h"

using namespace inxt;

TEST_CASE("base64url agrees with RFC 4648 section 10, without padding") {
  for (auto [plain, text] : {std::pair{"", ""},
                             {"f", "Zg"},
                             {"fo", "Zm8"},
                             {"foo", "Zm9v"},
                             {"foob", "Zm9vYg"},
                             {"fooba", "Zm9vYmE"},
                             {"foobar", "Zm9vYmFy"}}) {
    CHECK(to_base64url(view_of(plain)) == text);
    auto back = from_base64url(text);
    REQUIRE(back);
    CHECK(text_of(*back) == plain);
  }
}

TEST_CASE("base64url has one spelling for one value") {
  for (auto text : {"Zg==", "Zh", "Z", "Zm9v\n", "Zm+v", "Zm/v", "A"}) CHECK_FALSE(from_base64url(text));
}

TEST_CASE("ids are lower-case hex of their exact size") {
  const std::string good(64, 'a');
  REQUIRE(PieceId::parse(good));
  CHECK(PieceId::parse(good)->hex() == good);
  CHECK_FALSE(PieceId::parse(std::string(64, 'A')));
  CHECK_FALSE(PieceId::parse(std::string(63, 'a')));
  CHECK_FALSE(PieceId::parse(std::string(66, 'a')));
}

TEST_CASE("codes have names, and names are codes") {
  CHECK(code_name(Code::below_redundancy) == "below_redundancy");
  CHECK(code_from_name("locked") == Code::locked);
  CHECK(code_from_name("no such name") == Code::failure);
}
