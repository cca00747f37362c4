// SPDX-License-Identifier: LGPL-3.0-or-later
// The operator's wall clock: what a timetable and a calendar month mean.
#pragma once

#include <cstdint>

namespace inxt::sys {

/// Seconds since 1970-01-01 00:00 on a clock that shows local time ($TZ, /etc/localtime) at that moment.
std::int64_t local_s(std::int64_t unix_s);

}  // namespace inxt::sys
