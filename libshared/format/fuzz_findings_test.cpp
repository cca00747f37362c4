// SPDX-License-Identifier: AGPL-3.0-or-later
// What fuzzing found in the readers of this room, so that it stays found.
#include "format/json.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "format/descriptor.h"

namespace inxt::format {

TEST_CASE("a zero byte does not hide what stands behind it") {
  using namespace std::string_view_literals;
  CHECK(parse_object(R"({"a":1})").has_value());
  for (const auto text : {"{\"a\":1}\0}"sv, "{\"a\":1}\0,\"b\":2}"sv, "{\0}"sv, "{\"a\":1\0}"sv}) {
    const auto json = parse_object(text);
    REQUIRE_FALSE(json.has_value());
    CHECK(json.error().code == Code::integrity);
    CHECK(json.error().what.find("zero byte") != std::string::npos);
  }
}

TEST_CASE("an address in brackets is one of IPv6") {
  for (const auto* good : {"[::1]:42", "[2001:DB8::1]:4242", "[::ffff:192.0.2.1]:1", "192.0.2.1:4242", "host-1.example:65535"})
    CHECK(is_address(good));
  for (const auto* bad : {"[in]:42", "[abc]:42", "[]:42", "[::1:42", "[::1]42", "[fe80::1%eth0]:1", "::1:42", "h:0", "h:65536"})
    CHECK_FALSE(is_address(bad));
}

}  // namespace inxt::format
