// SPDX-License-Identifier: LGPL-3.0-or-later
// What time it is, for one who would delete things by it.  The system's clock is set by people, by dead
// batteries and by networks; the time since the machine started only runs.  This clock follows the one as far
// as the other bears it out:
//
//   running     it advances with whichever of the two advanced less
//   restart     it takes over up to kUnprovedSMax that nothing but the system's clock speaks for
//   jump ahead  it waits until the system's clock has agreed with the time since the start for 3 to 30 days
//   of
//               running (a tenth of the gap), or NTP vouches for it and the gap is less than kVouchedGapSMax
//   jump back   it does not forget what it knew, until the same has happened; but what it says is never later
//               than the system's clock
//
// Pure: readings come in, every few minutes.
#pragma once

#include <cstdint>
#include <optional>

namespace inxt::plan {

inline constexpr std::int64_t kUnprovedSMax = 7 * 86400;
inline constexpr std::int64_t kVouchedGapSMax = 60 * 86400;
inline constexpr std::int64_t kAgreementSMin = 3 * 86400;
inline constexpr std::int64_t kAgreementSMax = 30 * 86400;
/// How far the two may drift apart within one agreement: NTP slews by 500 ppm at most, which is 130 s in 3
/// days.
inline constexpr std::int64_t kDriftSMax = 300;

struct ClockReading {
  std::int64_t wall_unix_s = 0;
  std::int64_t running_ms = 0;  // since the machine's start; with sleep (CLOCK_BOOTTIME) or without
  bool is_vouched_for = false;  // NTP says that the wall clock is right
};

/// What is written down for the next start.
struct TrustedTime {
  std::int64_t unix_s = 0;
  std::int64_t wall_unix_s = 0;  // when it was written
  std::int64_t running_ms = 0;
  std::int64_t agreed_s = 0;    // for how long the clocks have agreed
  std::int64_t unproved_s = 0;  // of unix_s: taken over at restarts
  bool operator==(const TrustedTime&) const = default;
};

enum class ClockEvent {
  none,
  jumped_ahead,  // not believed for now
  jumped_back,
  believed,  // the system's clock is right after all
};

class TrustedClock {
 public:
  /// Nothing is written down.  `is_new`: there is nothing yet that could be deleted, so the system's clock is
  /// believed; else nothing is known until it has proved itself.
  TrustedClock(bool is_new, const ClockReading& now);
  /// `is_same_start`: the machine has been running since, so that running_ms goes on.
  TrustedClock(const TrustedTime& written, bool is_same_start, const ClockReading& now);

  ClockEvent observe(const ClockReading& now);

  /// What may be deleted by.  Never later than the system's clock; nothing while unknown.
  std::optional<std::int64_t> unix_s() const;
  /// How much later the system's clock says it is than is believed, in seconds; 0 when it says less.
  std::int64_t gap_s() const;
  /// How long the clocks have agreed, and how long they must until a gap is believed.
  std::int64_t agreed_s() const { return agreed_ms_ / 1000; }
  std::int64_t needed_s() const;
  /// Nothing to write down while nothing is known.
  std::optional<TrustedTime> written() const;

 private:
  void anchor(const ClockReading& now, std::int64_t trusted_s);
  ClockEvent judge(const ClockReading& now, ClockEvent otherwise);

  bool is_known_ = false;
  std::int64_t trusted_s_ = 0;
  std::int64_t unproved_s_ = 0;
  std::int64_t agreed_ms_ = 0;
  ClockReading last_;
  // Since when the two agree, and what was believed then.
  ClockReading anchor_;
  std::int64_t anchor_trusted_s_ = 0;
};

}  // namespace inxt::plan
