// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/trusted_clock.h"

#include <algorithm>
#include <cstdlib>

namespace inxt::plan {

namespace {

// No clock is past the year 9999; what a file or a system says beyond is cut, so that sums do not overflow.
constexpr std::int64_t kUnixSMax = 253'402'300'799;
// A machine that is off every night proves its clock too, a few hours a day.
constexpr std::int64_t kOffSMax = 86400;

ClockReading cut(ClockReading reading) {
  reading.wall_unix_s = std::clamp<std::int64_t>(reading.wall_unix_s, 0, kUnixSMax);
  reading.running_ms = std::clamp<std::int64_t>(reading.running_ms, 0, kUnixSMax * 1000);
  return reading;
}

}  // namespace

TrustedClock::TrustedClock(bool is_new, const ClockReading& now) {
  last_ = cut(now);
  is_known_ = is_new || now.is_vouched_for;
  anchor(last_, last_.wall_unix_s);
}

TrustedClock::TrustedClock(const TrustedTime& written, bool is_same_start, const ClockReading& now) {
  is_known_ = true;
  last_ = cut(now);
  const std::int64_t before_s = std::clamp<std::int64_t>(written.unix_s, 0, kUnixSMax);
  const std::int64_t wall_s = std::clamp<std::int64_t>(written.wall_unix_s, 0, kUnixSMax);
  unproved_s_ = std::clamp<std::int64_t>(written.unproved_s, 0, kUnprovedSMax);
  agreed_ms_ = std::clamp<std::int64_t>(written.agreed_s, 0, kAgreementSMax) * 1000;
  const std::int64_t wall_step_s = last_.wall_unix_s - wall_s;
  const std::int64_t ran_ms =
      last_.running_ms - std::clamp<std::int64_t>(written.running_ms, 0, kUnixSMax * 1000);

  std::int64_t trusted_s = before_s;
  if (is_same_start && ran_ms >= 0) {  // as if it had been looking all the time
    trusted_s += std::clamp<std::int64_t>(wall_step_s, 0, ran_ms / 1000);
    const bool agrees = std::abs(wall_step_s - ran_ms / 1000) <= kDriftSMax;
    agreed_ms_ = agrees ? agreed_ms_ + ran_ms : 0;
  } else if (wall_step_s < 0 || wall_step_s > kOffSMax) {
    agreed_ms_ = 0;
  }
  // Only the wall clock can say how long a machine was off.  Taken at its word for a few days in all, until
  // it has proved itself.
  if (!is_same_start && wall_step_s > 0) {
    const std::int64_t gap_s = std::max<std::int64_t>(last_.wall_unix_s - trusted_s, 0);
    if (gap_s <= kUnprovedSMax - unproved_s_) {
      trusted_s += gap_s;
      unproved_s_ += gap_s;
    }
  }
  anchor(last_, trusted_s);
  judge(last_, ClockEvent::none);
}

void TrustedClock::anchor(const ClockReading& now, std::int64_t trusted_s) {
  anchor_ = now;
  anchor_trusted_s_ = trusted_s;
  trusted_s_ = trusted_s;
}

std::int64_t TrustedClock::needed_s() const {
  if (!is_known_) return kAgreementSMin;
  return std::clamp(std::abs(last_.wall_unix_s - trusted_s_) / 10, kAgreementSMin, kAgreementSMax);
}

ClockEvent TrustedClock::judge(const ClockReading& now, ClockEvent otherwise) {
  const std::int64_t apart_s = now.wall_unix_s - trusted_s_;
  const bool is_vouched = now.is_vouched_for && (!is_known_ || apart_s < kVouchedGapSMax);
  const bool is_proved = agreed_s() >= needed_s();
  if (!is_vouched && !is_proved) return otherwise;
  const bool is_apart = !is_known_ || std::abs(apart_s) > kDriftSMax;
  is_known_ = true;
  unproved_s_ = 0;
  if (is_proved) agreed_ms_ = 0;  // and again from here
  anchor(now, is_apart ? now.wall_unix_s : std::max(trusted_s_, now.wall_unix_s));
  return is_apart ? ClockEvent::believed : otherwise;
}

ClockEvent TrustedClock::observe(const ClockReading& reading) {
  ClockReading now = cut(reading);
  now.running_ms = std::max(now.running_ms, last_.running_ms);
  const std::int64_t ran_ms = now.running_ms - last_.running_ms;
  const std::int64_t wall_s = now.wall_unix_s - anchor_.wall_unix_s;
  const std::int64_t running_s = (now.running_ms - anchor_.running_ms) / 1000;
  ClockEvent event = ClockEvent::none;
  if (std::abs(wall_s - running_s) <= kDriftSMax) {
    agreed_ms_ += ran_ms;
    // From the anchor, not from the last reading: what is rounded away at each would add up.
    trusted_s_ = std::max(trusted_s_, anchor_trusted_s_ + std::clamp<std::int64_t>(wall_s, 0, running_s));
  } else {
    const bool is_ahead = wall_s > running_s;
    event = is_ahead ? ClockEvent::jumped_ahead : ClockEvent::jumped_back;
    agreed_ms_ = 0;
    const std::int64_t step_s = now.wall_unix_s - last_.wall_unix_s;
    anchor(now, trusted_s_ + std::clamp<std::int64_t>(step_s, 0, ran_ms / 1000));
  }
  last_ = now;
  return judge(now, event);
}

std::optional<std::int64_t> TrustedClock::unix_s() const {
  if (!is_known_) return std::nullopt;
  return std::min(trusted_s_, last_.wall_unix_s);
}

std::int64_t TrustedClock::gap_s() const {
  return is_known_ ? std::max<std::int64_t>(last_.wall_unix_s - trusted_s_, 0) : 0;
}

std::optional<TrustedTime> TrustedClock::written() const {
  if (!is_known_) return std::nullopt;
  return TrustedTime{.unix_s = trusted_s_,
                     .wall_unix_s = last_.wall_unix_s,
                     .running_ms = last_.running_ms,
                     .agreed_s = agreed_s(),
                     .unproved_s = unproved_s_};
}

}  // namespace inxt::plan
