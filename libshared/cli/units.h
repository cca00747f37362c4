// SPDX-License-Identifier: LGPL-3.0-or-later
// Sizes, durations and times as people write them.
#pragma once

#include "base/result.h"

namespace inxt::cli {

/// "1024", "64KiB", "2 MiB", "1.5GB": B, KiB MiB GiB TiB (1024), KB MB GB TB (1000), any case; up to 3
/// decimals where the result is whole bytes.  Errors: usage, also past 2^63 - 1.
Result<std::uint64_t> parse_size(std::string_view text);

/// "90", "90s", "5min", "12h", "30d", "1h30min"; a number alone is seconds.  Errors: usage.
Result<std::int64_t> parse_duration_s(std::string_view text);

/// A moment: "2027-01-31", "2027-01-31T12:00:00Z", "@1800000000", or a duration from now such as "90d".  Unix
/// seconds. Errors: usage.
Result<std::int64_t> parse_time_unix_s(std::string_view text, std::int64_t now_unix_s);

/// "4+2" -> {4, 2}.  Errors: usage; K is 1 to 64, M 0 to 64.
struct Redundancy {
  std::uint32_t data = 0, parity = 0;
};
Result<Redundancy> parse_redundancy(std::string_view text);

/// "3.2 TB": three digits, powers of 1000.
std::string show_size(std::uint64_t bytes);
/// "2 h 5 min", "45 s".
std::string show_duration(std::int64_t seconds);

}  // namespace inxt::cli
