// SPDX-License-Identifier: LGPL-3.0-or-later
// What the kernel knows about time beside the clock that people set.
#pragma once

#include <cstdint>

namespace inxt::sys {

/// Milliseconds since the machine's start, with those in which it slept (CLOCK_BOOTTIME).
std::int64_t running_ms();
/// Whether something (NTP) keeps the system's clock right and says so; setting the clock by hand ends that.
bool is_clock_kept_right();

}  // namespace inxt::sys
