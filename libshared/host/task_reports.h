// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host's background tasks have found, for those who show it.  One thread: the loop's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"

namespace inxt::host {

/// Of the reaper: what it deletes by.  inxt-host(8), "Clocks".
struct ClockReport {
  std::optional<std::int64_t> trusted_unix_s;  // none: nothing is deleted until the clock has proved itself
  std::int64_t gap_s = 0;                      // how much later the system's clock says it is
  std::int64_t agreed_s = 0, needed_s = 0;     // a gap is believed after this long an agreement
};

inline constexpr std::size_t kScrubFindingsMax = 16;  // the latest

/// A piece that the scrub found damaged.
struct ScrubFinding {
  PieceId piece;
  AccountId account;
  std::int64_t found_unix_s = 0;
  std::string reason;
};

struct ScrubPassCounts {
  std::int64_t began_unix_s = 0;
  std::uint64_t pieces = 0;
  std::uint64_t bytes = 0;  // read
  std::uint64_t damaged = 0;
  std::uint64_t unreadable = 0;  // the disk gave an error; tried again in the next pass
};

struct ScrubReport {
  bool is_on = false;
  ScrubPassCounts pass;                // the one that is under way
  std::uint64_t done_permille = 0;     // of it
  std::uint64_t due_permille = 0;      // where it should be by now
  std::uint64_t passes = 0;            // that came to their end
  std::int64_t last_ended_unix_s = 0;  // 0: none yet
  ScrubPassCounts last;
  std::vector<ScrubFinding> findings;  // of all passes, the oldest first
};

}  // namespace inxt::host
