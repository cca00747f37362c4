// SPDX-License-Identifier: LGPL-3.0-or-later
// Time as an interface, handed down from main, so that a test moves it by hand.
#pragma once

#include <cstdint>

namespace inxt::sys {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Seconds since 1970-01-01 UTC.  May jump; use it for what is written down, never for waiting.
  virtual std::int64_t unix_s() const = 0;
  /// Milliseconds since some fixed moment; never goes back.  For waits and rates.
  virtual std::int64_t steady_ms() const = 0;
};

/// The system's clocks.  Thread-safe.
class SystemClock final : public Clock {
 public:
  std::int64_t unix_s() const override;
  std::int64_t steady_ms() const override;
};

/// A clock that stands still until it is moved.  For tests; one thread at a time.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t unix_s) : unix_ms_(unix_s * 1000) {}
  std::int64_t unix_s() const override { return unix_ms_ / 1000; }
  std::int64_t steady_ms() const override { return steady_ms_; }
  void advance_ms(std::int64_t ms) {
    unix_ms_ += ms;
    steady_ms_ += ms;
  }

 private:
  std::int64_t unix_ms_;
  std::int64_t steady_ms_ = 0;
};

}  // namespace inxt::sys
