// SPDX-License-Identifier: LGPL-3.0-or-later
// How much went in and out in this calendar month.  Pure: local time is an argument, as in plan/timetable.h.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace inxt::plan {

/// A month of the operator's calendar.
struct Month {
  std::int32_t year = 1970;
  std::int32_t month = 1;  // 1 to 12

  static Month of(std::int64_t local_s);
  /// "2026-11".  Errors: usage.
  static Result<Month> parse(std::string_view text);
  std::string text() const;
  /// Months since year 0.
  std::int64_t number() const { return std::int64_t{year} * 12 + month - 1; }
  /// When the next one begins, in local seconds.
  std::int64_t end_local_s() const;

  bool operator==(const Month&) const = default;
};

class MonthlyTraffic {
 public:
  MonthlyTraffic() = default;
  /// As it was written down.
  MonthlyTraffic(Month month, std::uint64_t in_bytes, std::uint64_t out_bytes)
      : month_(month), in_bytes_(in_bytes), out_bytes_(out_bytes) {}

  /// A new month begins with nothing.  A clock that goes back into the month before keeps counting in this
  /// one; one that goes back further has been wrong, and begins anew.
  void count(std::uint64_t in_bytes, std::uint64_t out_bytes, std::int64_t local_s);

  Month month() const { return month_; }
  std::uint64_t in_bytes() const { return in_bytes_; }
  std::uint64_t out_bytes() const { return out_bytes_; }
  std::uint64_t bytes() const { return in_bytes_ + out_bytes_; }

 private:
  Month month_;
  std::uint64_t in_bytes_ = 0, out_bytes_ = 0;
};

}  // namespace inxt::plan
