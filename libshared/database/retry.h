// SPDX-License-Identifier: LGPL-3.0-or-later
// When to try again, and when to give up.
#pragma once

#include <chrono>
#include <random>

#include "database/limits.h"

namespace inxt::database {

/// Waits that double from 1 ms to 200 ms, each anywhere between nothing and that, so that those who ran
/// against each other do not meet again.
class Retry {
 public:
  explicit Retry(const Limits& limits);

  /// Waits and returns true; or false, at once, when attempts_max or retry_ms is used up.
  bool wait();
  /// After wait() has returned false: "attempts_max (100)" or "retry_ms (10000)".
  std::string limit_reached() const;

 private:
  const Limits limits_;
  const std::chrono::steady_clock::time_point end_;
  std::minstd_rand random_;
  unsigned attempts_ = 1;
};

}  // namespace inxt::database
