// SPDX-License-Identifier: AGPL-3.0-or-later
// What refusals say; which texts are refused is in tests/vectors.
#include "format/json.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/lines.h"

namespace inxt::format {
namespace {

using testing::says;

TEST_CASE("a refusal says where the text stops making sense") {
  CHECK(says(parse_object(R"({"a":1,"a":2})"), "\"a\" stands twice"));
  CHECK(says(parse_object(R"({"a":1.5})"), "1.5"));
  CHECK(says(parse_object(R"({"a":[1,]})"), "not JSON at byte 9"));
  CHECK(says(parse_object(R"({"a":[[[[[[[[1]]]]]]]]})"), "kJsonDepthMax"));
  CHECK(says(parse_object(R"({"a":9007199254740992})"), "2^53"));
}

TEST_CASE("a line without its newline has one byte less than with it") {
  const auto of = [](std::size_t bytes) { return "{\"x\":\"" + std::string(bytes - 8, 'x') + "\"}"; };
  CHECK(parse_object(of(kLineBytesMax - 1)).has_value());
  CHECK(says(parse_object(of(kLineBytesMax)), "8191"));
  CHECK(says(parse_object(of(100), 99), "99"));
}

TEST_CASE("a member's refusal names the line and the member") {
  const auto json =
      *parse_object(R"({"n":7,"t":"text","minus":-0,"hex":"0A","list":["a","bb"],"crit":["x"]})");
  const Fields fields(json, "line 3");
  CHECK(fields.integer("n").value() == 7U);
  CHECK(says(fields.integer("n", 6), "line 3: n: 7 is more than 6"));
  CHECK(says(fields.integer("t"), "line 3: t: "));
  CHECK(says(fields.integer("minus"), "minus"));
  CHECK(says(fields.integer("gone"), "gone: missing"));
  CHECK(says(fields.text("t", 3), "3 bytes"));
  ByteArray<1> byte{};
  CHECK(says(fields.hex("hex", byte), "hex"));
  CHECK(fields.texts("list", 2, 2)->size() == 2);
  CHECK(says(fields.texts("list", 1, 2), "list"));
  CHECK(says(fields.texts("list", 2, 1), "list"));
  CHECK(says(fields.check_crit({}), "\"x\""));
  CHECK(fields.check_crit({"x"}).has_value());
}

TEST_CASE("what is written is read again, and in the same order") {
  Json json;
  json["z"] = "\x01\"\\\n\u00e4";
  json["a"] = kJsonIntegerMax;
  const auto text = write_compact(json);
  CHECK(text == "{\"z\":\"\\u0001\\\"\\\\\\n\u00e4\",\"a\":9007199254740991}");
  CHECK(*parse_object(text) == json);
}

}  // namespace
}  // namespace inxt::format
