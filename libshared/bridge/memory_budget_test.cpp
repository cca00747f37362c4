// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/memory_budget.h"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

using namespace inxt;
using namespace inxt::bridge;

namespace {

constexpr std::size_t kUnit = kSmallBytesMax * 2;  // large

void refused(const Result<MemoryBudget::Room>& room, std::string_view limit) {
  REQUIRE(!room);
  CHECK(room.error().code == Code::try_again);
  CHECK(room.error().what.contains(limit));
}

}  // namespace

TEST_CASE("what is given out comes back, and no more is given than there is") {
  MemoryBudget budget(8 * kUnit);
  {
    const auto whole = budget.room(7 * kUnit, "a");
    REQUIRE(whole);
    refused(budget.room(kUnit, "b"), "memory_bytes_max");
    // The last eighth is for small ones.
    const auto small = budget.room(kSmallBytesMax, "b"), another = budget.room(kSmallBytesMax, "a");
    REQUIRE(small);
    REQUIRE(another);
    refused(budget.room(1, "c"), "memory_bytes_max");
  }
  CHECK(budget.used_bytes() == 0);
  CHECK(budget.room(7 * kUnit, "b"));
}

TEST_CASE("where memory is short a peer gets its share, or one body, and the slow are looked for") {
  MemoryBudget budget(80 * kUnit);
  int told = 0;
  budget.on_short([&] { ++told; });
  std::vector<MemoryBudget::Room> rooms;
  for (int i = 0; i < 4; ++i)
    rooms.push_back(*budget.room(10 * kUnit, "greedy"));  // half of it is free to all
  CHECK(told == 0);
  refused(budget.room(10 * kUnit, "greedy"), "memory_bytes_per_peer_max");
  const auto first = budget.room(20 * kUnit, "other");  // more than a share, but its first
  REQUIRE(first);
  CHECK(budget.room(kSmallBytesMax, "greedy"));
  // The fuller it is, the less may one have.
  const auto third = budget.room(kUnit, "third");
  REQUIRE(third);
  refused(budget.room(2 * kUnit, "third"), "memory_bytes_per_peer_max");
  CHECK(told > 0);
  rooms.clear();
  CHECK(budget.room(10 * kUnit, "greedy"));
}
