// SPDX-License-Identifier: LGPL-3.0-or-later
// One process at a time: a file beside what several change.
#pragma once

#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace inxt::sys {

/// Waits for the lock of the file `path`, made where it is missing; it is given up when the descriptor is
/// closed, or the process ends.  Errors: those of files.
Result<Fd> lock_file(const std::string& path);

}  // namespace inxt::sys
