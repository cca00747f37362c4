// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/timetable.h"

#include <doctest/doctest.h>

namespace inxt::plan {
namespace {

constexpr std::int64_t kMonday = 20'000 * kDayS;  // some midnight

std::int64_t at(int hours, int minutes = 0) {
  return kMonday + hours * 3600 + minutes * 60;
}

TEST_CASE("parts of the day, also past midnight") {
  const DayWindow day = *DayWindow::parse("08:00-18:30");
  CHECK(day.text() == "08:00-18:30");
  CHECK_FALSE(day.contains(at(8) - 1));
  CHECK(day.contains(at(8)));
  CHECK(day.contains(at(18, 30) - 1));
  CHECK_FALSE(day.contains(at(18, 30)));
  const DayWindow night = *DayWindow::parse("22:00-06:00");
  CHECK(night.contains(at(23)));
  CHECK(night.contains(at(0)));
  CHECK(night.contains(at(5, 59)));
  CHECK_FALSE(night.contains(at(6)));
  CHECK(night.length_s() == 8 * 3600);
  CHECK(DayWindow::parse("00:00-24:00")->contains(at(24) - 1));
  CHECK(DayWindow::parse("00:00-24:00")->length_s() == kDayS);
  CHECK(night.contains(at(23) - 30000 * kDayS));  // before 1970
  for (const char* bad : {"", "8:00-18:00", "08:00", "08:00-08:00", "24:00-08:00", "08:00-24:01",
                          "08:60-09:00", "08:00-09:00 ", "-1:00-09:00", "08:00_09:00"}) {
    CAPTURE(bad);
    CHECK(DayWindow::parse(bad).error().code == Code::usage);
  }
}

TEST_CASE("how much of a window lies between two moments") {
  for (const char* text : {"08:00-18:30", "22:00-06:00", "00:00-24:00", "23:59-00:00"}) {
    CAPTURE(text);
    const DayWindow window = *DayWindow::parse(text);
    CHECK(window.seconds_within(at(3), at(3) + 10 * kDayS) == 10 * window.length_s());
    for (const std::int64_t from : {at(0), at(5, 59), at(23, 59), at(12, 34) + 7}) {
      std::int64_t counted = 0;
      for (std::int64_t s = from; s < from + 2 * kDayS; s += 601) {
        CHECK(window.seconds_within(from, s) == counted);
        for (std::int64_t t = s; t < s + 601; ++t) counted += window.contains(t) ? 1 : 0;
      }
    }
  }
}

TEST_CASE("the first entry that holds counts") {
  const Timetable table{{10, DayWindow::parse("08:00-18:00").value()},
                        {20, DayWindow::parse("17:00-22:00").value()},
                        {30, std::nullopt},
                        {40, std::nullopt}};
  CHECK(rate_at(table, at(9)) == 10);
  CHECK(rate_at(table, at(17, 30)) == 10);
  CHECK(rate_at(table, at(18)) == 20);
  CHECK(rate_at(table, at(23)) == 30);
  CHECK(rate_at({}, at(9)) == std::nullopt);
  CHECK(rate_at({table[0]}, at(20)) == std::nullopt);
}

}  // namespace
}  // namespace inxt::plan
