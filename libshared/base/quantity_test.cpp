// SPDX-License-Identifier: LGPL-3.0-or-later
#include "base/quantity.h"

#include <doctest/doctest.h>

namespace inxt {
namespace {

TEST_CASE("numbers as people read them") {
  CHECK(show_size(0) == "0 B");
  CHECK(show_size(999) == "999 B");
  CHECK(show_size(1000) == "1.00 kB");
  CHECK(show_size(2'097'152) == "2.10 MB");
  CHECK(show_size(3'200'000'000'000) == "3.20 TB");
  CHECK(show_size(999'999) == "1.00 MB");
  CHECK(show_size(~std::uint64_t{0}) == "18.4 EB");
  CHECK(show_duration(45) == "45 s");
  CHECK(show_duration(7500) == "2 h 5 min");
  CHECK(show_duration(86400 * 3 + 3600) == "3 d 1 h");
  CHECK(show_count(0) == "0");
  CHECK(show_count(999) == "999");
  CHECK(show_count(1000) == "1,000");
  CHECK(show_count(12'345'678) == "12,345,678");
}

}  // namespace
}  // namespace inxt
