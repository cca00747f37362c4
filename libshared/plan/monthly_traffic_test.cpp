// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/monthly_traffic.h"

#include <doctest/doctest.h>

namespace inxt::plan {
namespace {

constexpr std::int64_t kDayS = 86400;
constexpr std::int64_t kNewYear2027 = 1'798'761'600;  // 2027-01-01 00:00

TEST_CASE("months and their ends") {
  CHECK(Month::of(kNewYear2027).text() == "2027-01");
  CHECK(Month::of(kNewYear2027 - 1).text() == "2026-12");
  CHECK(Month::of(kNewYear2027 - 1).end_local_s() == kNewYear2027);
  CHECK(Month::of(kNewYear2027).end_local_s() == kNewYear2027 + 31 * kDayS);
  CHECK(*Month::parse("2026-12") == Month::of(kNewYear2027 - 1));
  for (const char* bad : {"", "2026-00", "2026-13", "2026-1", "26-12-1", "2026-12-01", "-026-12", "2026--2"})
    CHECK(Month::parse(bad).error().code == Code::usage);
}

TEST_CASE("traffic begins anew with each month, and only then") {
  MonthlyTraffic traffic;
  traffic.count(10, 5, kNewYear2027 - 10);
  traffic.count(1, 1, kNewYear2027 - 1);
  CHECK(traffic.bytes() == 17);
  traffic.count(2, 3, kNewYear2027);
  CHECK(traffic.in_bytes() == 2);
  CHECK(traffic.out_bytes() == 3);
  traffic.count(1, 0, kNewYear2027 - 3600);  // the clock was set back: no second month of traffic
  CHECK(traffic.bytes() == 6);
  CHECK(traffic.month().text() == "2027-01");
  MonthlyTraffic resumed(traffic.month(), traffic.in_bytes(), traffic.out_bytes());
  resumed.count(1, 1, kNewYear2027 + 5);
  CHECK(resumed.bytes() == 8);
  resumed.count(7, 0, kNewYear2027 + 10000 * kDayS);  // a wrong clock
  resumed.count(1, 0, kNewYear2027 + 6);              // and right again: the count does not stand for decades
  CHECK(resumed.month().text() == "2027-01");
  CHECK(resumed.bytes() == 1);
}

}  // namespace
}  // namespace inxt::plan
