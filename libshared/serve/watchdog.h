// SPDX-License-Identifier: LGPL-3.0-or-later
// Signs of life for a service manager's watchdog.
#pragma once

#include <chrono>
#include <functional>

#include "net/worker_pool.h"

namespace inxt::serve {

/// Until it is cancelled: calls `tell` three times in each `interval`, from the event loop, and only after
/// the worker pool has done a job in between: a daemon whose loop or whose disk hangs falls silent.
net::Awaitable<void> run_watchdog(net::WorkerPool& workers, std::chrono::microseconds interval,
                                  std::function<void()> tell);

}  // namespace inxt::serve
