// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/monthly_traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace inxt::plan {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

Month Month::of(std::int64_t local_s) {
  const year_month_day date(floor<days>(sys_seconds(seconds(local_s))));
  return {static_cast<int>(date.year()), static_cast<std::int32_t>(static_cast<unsigned>(date.month()))};
}

Result<Month> Month::parse(std::string_view text) {
  const bool has_form = text.size() == 7 && text[4] == '-' && std::ranges::all_of(text, [](char letter) {
                          return letter == '-' || (letter >= '0' && letter <= '9');
                        });
  if (has_form && text.find('-') == 4 && text.rfind('-') == 4) {
    Month month{0, (text[5] - '0') * 10 + text[6] - '0'};
    for (const char letter : text.substr(0, 4)) month.year = month.year * 10 + letter - '0';
    if (month.month >= 1 && month.month <= 12) return month;
  }
  return fail(Code::usage, "not a month, such as 2026-11");
}

std::string Month::text() const {
  return fmt::format("{:04}-{:02}", year, month);
}

std::int64_t Month::end_local_s() const {
  const std::int64_t next = number() + 1;
  const year_month_day date(std::chrono::year(static_cast<int>(next / 12)),
                            std::chrono::month(static_cast<unsigned>(next % 12 + 1)), std::chrono::day(1));
  return sys_seconds(sys_days(date)).time_since_epoch().count();
}

void MonthlyTraffic::count(std::uint64_t in_bytes, std::uint64_t out_bytes, std::int64_t local_s) {
  const Month now = Month::of(local_s);
  const std::int64_t ahead = now.number() - month_.number();
  if (ahead > 0 || ahead < -1) *this = MonthlyTraffic(now, 0, 0);
  in_bytes_ += in_bytes;
  out_bytes_ += out_bytes;
}

}  // namespace inxt::plan
