// SPDX-License-Identifier: AGPL-3.0-or-later
// What is known of real machines: when they were there, and how their disks failed.  Manual:
// inxt-durability(7), "Traces".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace inxt::durability {

inline constexpr std::int64_t kDayS = 86400;

struct NodeEvent {
  std::int64_t at_s = 0;
  std::uint32_t node = 0;
  bool is_up = false;
  bool is_last = false;  // it was not seen again
};

/// Availability of machines over `length_s`, by the changes.
struct AvailabilityTrace {
  std::int64_t length_s = 0;
  std::uint32_t nodes = 0;
  double live_mean = 0;
  std::vector<NodeEvent> events;          // after the first instant, by time
  std::vector<std::uint32_t> first_live;  // nodes that are there at the first instant
  /// Times of absence that began in the first half, so that each was followed for half of the trace at least:
  /// seconds until the return, ascending, and how many did not return.  By whether the node had been there
  /// for 14 days in all before.
  struct Absences {
    std::vector<std::int64_t> returned_s;
    std::uint64_t never = 0;
  };
  Absences absences[2];
  std::vector<bool> is_settled;  // by node: it was there for 14 days in all

  /// A quarter of the trace is history: how a node was there in it says how it will be.  By node, the part of
  /// the first quarter, and of the last, that it was there: 0 less than 90 %, 1, 2 from 95 %, 3 from 99 % on.
  std::int64_t history_s = 0;
  std::vector<std::uint8_t> first_class, last_class;
  std::vector<std::uint32_t> then_live;  // nodes that are there when the first quarter ends
  std::vector<bool> is_seen_then;        // by node: it was there before that

  /// Reads sessions.csv and snapshots.csv.  Errors: of reading, integrity.
  static Result<AvailabilityTrace> read(const std::string& folder);
};

/// Disk failures: how many belong together, those in one rack with less than a day from one to the next.
struct DiskFailures {
  std::uint64_t events = 0;
  double years = 0;
  std::vector<std::uint32_t> bursts;  // how many disks each
  double in_bursts() const;           // part of events that did not come alone

  /// Errors: of reading, integrity.
  static Result<DiskFailures> read(const std::string& path);
};

}  // namespace inxt::durability
