// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/reach.h"

#include <doctest/doctest.h>

using namespace inxt::host;

TEST_CASE("looking back: one network seldom, all together a few times a second, few at once") {
  ReachLimits limits;
  CHECK(limits.begin("192.0.2.1", 0));
  CHECK_FALSE(limits.begin("192.0.2.2", kReachAnyGapMs - 1));
  CHECK(limits.begin("192.0.2.2", kReachAnyGapMs));
  limits.end();
  limits.end();
  CHECK_FALSE(limits.begin("192.0.2.1", kReachGapMs - 1));
  CHECK(limits.begin("192.0.2.1", kReachGapMs));
  for (std::size_t i = 1; i < kReachAtOnceMax; ++i)
    CHECK(limits.begin("192.0.2." + std::to_string(i + 10), kReachGapMs + static_cast<std::int64_t>(i) * kReachAnyGapMs));
  CHECK_FALSE(limits.begin("192.0.2.99", 10 * kReachGapMs));
  limits.end();
  CHECK(limits.begin("192.0.2.99", 10 * kReachGapMs));
}
