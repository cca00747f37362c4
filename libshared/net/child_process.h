// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs this program once more as a process of its own: for work with libraries that block, or that read what
// strangers say in ways that this process should not depend on.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/async.h"

namespace inxt::net {

struct ChildResult {
  int status = 0;  // exit status; 128 + signal when it was killed
  std::string output;
};

/// This program (/proc/self/exe) with `arguments`, no environment, no file but a pipe for standard output and
/// standard error together.  Killed after `deadline`, when it writes more than output_bytes_max, and when the
/// coroutine is cancelled; always waited for.  Errors: failure when it cannot be started; try_again for the
/// deadline; integrity for too much output.
Awaitable<Result<ChildResult>> run_self(std::vector<std::string> arguments, std::size_t output_bytes_max,
                                        std::chrono::milliseconds deadline);

}  // namespace inxt::net
