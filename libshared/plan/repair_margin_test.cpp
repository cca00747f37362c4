// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/repair_margin.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>

namespace inxt::plan {
namespace {

bool is_readable(const PlacedLayout& layout, std::uint32_t there) {
  std::uint32_t shards = 0;
  for (std::uint32_t shard = 0; shard < layout.k + layout.m; ++shard)
    shards += (there >> (shard * layout.mirrors) & ((1U << layout.mirrors) - 1)) != 0;
  return shards >= layout.k;
}

/// By trying all that can be lost.
std::int32_t margin_by_trial(const PlacedLayout& layout, std::uint32_t there) {
  if (!is_readable(layout, there)) return -1;
  int fewest = std::popcount(there);
  for (std::uint32_t lost = there;; lost = (lost - 1) & there) {
    if (!is_readable(layout, there & ~lost)) fewest = std::min(fewest, std::popcount(lost));
    if (lost == 0) break;
  }
  return fewest - 1;
}

TEST_CASE("the margin is what can be lost, whichever it is") {
  for (const PlacedLayout layout :
       {PlacedLayout{1, 0, 1}, {1, 0, 3}, {4, 2, 1}, {2, 1, 2}, {1, 1, 3}, {3, 1, 2}, {2, 2, 2}}) {
    std::array<bool, 8> is_there{};
    for (std::uint32_t there = 0; there < 1U << layout.hosts(); ++there) {
      for (std::uint32_t place = 0; place < layout.hosts(); ++place) is_there[place] = there >> place & 1;
      CHECK(margin_of(layout, std::span(is_there).first(layout.hosts())) == margin_by_trial(layout, there));
    }
    is_there.fill(true);
    CHECK(margin_of(layout, std::span(is_there).first(layout.hosts())) ==
          static_cast<std::int32_t>(layout.spare()));
  }
}

TEST_CASE("small layouts are repaired at the first that is missing, wide ones later") {
  CHECK(repair_margin({1, 0, 3}) == 1);
  CHECK(repair_margin({1, 0, 2}) == 0);
  CHECK(repair_margin({4, 2, 1}) == 1);
  CHECK(repair_margin({10, 4, 1}) == 2);
  CHECK(repair_margin({20, 5, 1}) == 3);
  CHECK(repair_margin({20, 10, 1}) == 5);
  CHECK(repair_margin({4, 2, 2}) == 4);
}

TEST_CASE("a repair moves K pieces and what it writes") {
  CHECK(repair_bytes({10, 4, 1}, 100, 2, 0) == 1200);
  CHECK(repair_bytes({10, 4, 1}, 100, 2, 1) == 1300);
  CHECK(repair_bytes({10, 4, 1}, 100, 0, 3) == 300);
  CHECK(repair_bytes({1, 0, 3}, 100, 1, 0) == 200);
}

}  // namespace
}  // namespace inxt::plan
