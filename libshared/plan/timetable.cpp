// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/timetable.h"

#include <fmt/format.h>

#include <algorithm>

namespace inxt::plan {

namespace {

constexpr std::size_t kTimeLetters = 5;  // "HH:MM"

std::int64_t second_of_day(std::int64_t local_s) {
  return (local_s % kDayS + kDayS) % kDayS;
}

/// "HH:MM" as seconds after midnight; nothing when it is none.  24:00 is one.
std::optional<std::int32_t> time_from(std::string_view text) {
  if (text.size() != kTimeLetters || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0, 1, 3, 4})
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
  const int hours = (text[0] - '0') * 10 + text[1] - '0';
  const int minutes = (text[3] - '0') * 10 + text[4] - '0';
  if (minutes > 59 || hours > 24 || (hours == 24 && minutes > 0)) return std::nullopt;
  return hours * 3600 + minutes * 60;
}

}  // namespace

Result<DayWindow> DayWindow::parse(std::string_view text) {
  if (text.size() == 2 * kTimeLetters + 1 && text[kTimeLetters] == '-') {
    const auto first = time_from(text.substr(0, kTimeLetters));
    const auto end = time_from(text.substr(kTimeLetters + 1));
    if (first && end && *first < kDayS && *first != *end) return DayWindow{*first, *end};
  }
  return fail(Code::usage, "not a part of the day", "write it as HH:MM-HH:MM, such as 22:00-06:00");
}

std::string DayWindow::text() const {
  return fmt::format("{:02}:{:02}-{:02}:{:02}", first_s / 3600, first_s % 3600 / 60, end_s / 3600,
                     end_s % 3600 / 60);
}

bool DayWindow::contains(std::int64_t local_s) const {
  const std::int64_t now_s = second_of_day(local_s);
  return first_s < end_s ? first_s <= now_s && now_s < end_s : now_s >= first_s || now_s < end_s;
}

std::int64_t DayWindow::length_s() const {
  return first_s < end_s ? end_s - first_s : kDayS - first_s + end_s;
}

std::int64_t DayWindow::seconds_within(std::int64_t from_local_s, std::int64_t to_local_s) const {
  // Of [1970-01-01 first_s, t): whole days, and the part of the last one.
  const auto until = [this](std::int64_t local_s) {
    const std::int64_t since_s = local_s - first_s;
    const std::int64_t part_s = second_of_day(since_s);
    return (since_s - part_s) / kDayS * length_s() + std::min(part_s, length_s());
  };
  return until(to_local_s) - until(from_local_s);
}

std::optional<std::uint64_t> rate_at(const Timetable& timetable, std::int64_t local_s) {
  for (const TimedRate& rate : timetable)
    if (!rate.window || rate.window->contains(local_s)) return rate.bytes_per_s;
  return std::nullopt;
}

}  // namespace inxt::plan
