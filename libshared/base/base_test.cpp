// SPDX-License-Identifier: AGPL-3.0-or-later
#include <doctest/doctest.h>

#include <cctype>
#include <random>

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

namespace {

// RFC 4648, section 5, letter by letter and bit by bit.
std::string base64url_by_bits(ByteView bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 6) {
    unsigned six = 0;
    for (std::size_t i = bit; i < bit + 6; ++i)
      six =
          six << 1 | (i / 8 < bytes.size() ? std::to_integer<unsigned>(bytes[i / 8]) >> (7 - i % 8) & 1 : 0);
    text += kLetters[six];
  }
  return text;
}

}  // namespace

TEST_CASE("base64url of any length is the same in one step and in many") {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 400; ++size) {
    Bytes bytes(size);
    for (auto& b : bytes) b = static_cast<std::byte>(random());
    const auto text = to_base64url(bytes);
    REQUIRE(text == base64url_by_bits(bytes));
    REQUIRE(from_base64url(text) == bytes);
  }
}

TEST_CASE("every other letter in every place of a long text is refused") {
  Bytes bytes(75);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 37);
  const auto good = to_base64url(bytes);
  for (std::size_t at = 0; at < good.size(); ++at)
    for (int c = 0; c < 256; ++c) {
      auto text = good;
      text[at] = static_cast<char>(c);
      const auto read = from_base64url(text);
      const bool is_letter = c < 128 && (std::isalnum(c) || c == '-' || c == '_');
      REQUIRE(read.has_value() == is_letter);
      if (read) REQUIRE(to_base64url(*read) == text);
    }
}

TEST_CASE("hex has one spelling for one value") {
  ByteArray<1> byte;
  for (auto text : {"0g", "0G", "AB", "a", "abc", " 1", "\xff\xff"}) CHECK_FALSE(from_hex(text, byte));
  int accepted = 0;
  for (int high = 0; high < 256; ++high)
    for (int low = 0; low < 256; ++low) {
      const std::string text{static_cast<char>(high), static_cast<char>(low)};
      if (!from_hex(text, byte)) continue;
      ++accepted;
      REQUIRE(to_hex(byte) == text);
    }
  CHECK(accepted == 256);
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
