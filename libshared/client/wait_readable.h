// SPDX-License-Identifier: LGPL-3.0-or-later
// Reading that a stop signal ends.
#pragma once

#include <string_view>

#include "base/result.h"

namespace inxt::client {

/// Returns when `fd` has bytes, or its end, to read.  `stop_fd` becomes readable when the program is to stop
/// (-1: never). Errors: failure when it is to stop.
Result<void> wait_readable(int fd, int stop_fd, std::string_view name);

}  // namespace inxt::client
