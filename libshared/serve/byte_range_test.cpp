// SPDX-License-Identifier: AGPL-3.0-or-later
#include "serve/byte_range.h"

#include <doctest/doctest.h>

#include "serve/query_value.h"

namespace inxt::serve {
namespace {

void check_part(std::string_view header, std::uint64_t first, std::uint64_t length) {
  CAPTURE(header);
  const auto range = parse_range(header, 10'000, "piece");
  REQUIRE((range && *range));
  CHECK((*range)->first == first);
  CHECK((*range)->length == length);
}

TEST_CASE("ranges within what is there") {
  check_part("bytes=0-0", 0, 1);
  check_part("bytes=0-9999", 0, 10'000);
  check_part("bytes=4096-", 4096, 5904);
  check_part("bytes=-1", 9999, 1);
  check_part("bytes=-20000", 0, 10'000);
  check_part("bytes=9999-99999999999999999", 9999, 1);
  CHECK_FALSE(*parse_range("pages=1-2", 10'000, "piece"));  // another unit is not for us
}

TEST_CASE("ranges that are refused say how many bytes there are") {
  for (const char* bad : {"bytes=10000-", "bytes=5-4", "bytes=-0", "bytes=0-1,3-4", "bytes=a-b",
                          "bytes=", "bytes=-", "bytes=18446744073709551616-", "bytes=1-2x"}) {
    CAPTURE(bad);
    const auto range = parse_range(bad, 10'000, "piece");
    REQUIRE_FALSE(range);
    CHECK(range.error().status == 416);
    REQUIRE(range.error().headers.size() == 1);
    CHECK(range.error().headers[0].value == "bytes */10000");
  }
}

TEST_CASE("values of a query") {
  CHECK(query_value("after=1&limit=20", "limit") == "20");
  CHECK(query_value("after=1&limit=20", "after") == "1");
  CHECK(query_value("after=", "after") == "");
  CHECK_FALSE(query_value("afternoon=1", "after"));
  CHECK_FALSE(query_value("", "after"));
  CHECK(query_value("&&after=1&after=2", "after") == "1");
}

}  // namespace
}  // namespace inxt::serve
