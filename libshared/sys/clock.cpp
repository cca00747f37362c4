// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/clock.h"

#include <chrono>

namespace inxt::sys {

std::int64_t SystemClock::unix_s() const {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t SystemClock::steady_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace inxt::sys
