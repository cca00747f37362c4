// SPDX-License-Identifier: LGPL-3.0-or-later
// The machine that this runs on.
#pragma once

#include <cstdint>

namespace inxt::sys {

struct Machine {
  std::uint64_t processors = 0;    // on line
  std::uint64_t memory_bytes = 0;  // in all
  std::uint64_t load_percent = 0;  // load of the last minute over the processors
};

/// What cannot be found out is 0.  Cost: a file of /proc.
Machine machine();

}  // namespace inxt::sys
