// SPDX-License-Identifier: LGPL-3.0-or-later
// A daemon and systemd: where it logs to, and what it tells.
#pragma once

#include <functional>
#include <string>

#include "net/worker_pool.h"
#include "serve/background.h"
#include "serve/log.h"
#include "sys/service.h"

namespace inxt::serve {

/// What -q and -v ask for.
LogLevel log_level(bool quiet, int verbose);
/// To the journal where standard error goes there, under `identifier`, else lines on standard error.  `warn`
/// hears why there is no journal.  REQUIRES: clock outlives it.
Log open_log(const sys::Clock& clock, LogLevel level, const std::string& identifier,
             const std::function<void(const std::string&)>& warn);

/// Tells the service manager, if there is one; what goes wrong is logged.
void tell(Log& log, std::string_view state);
/// Until it is cancelled: tells `text`, which `systemctl status` shows, whenever it has changed, looking
/// every kStatusMs, and otherwise after kStatusAgainMs, in the place of what was told of a reload.
net::Awaitable<void> run_status_text(Log& log, std::function<std::string()> text);
inline constexpr int kStatusMs = 5000;
inline constexpr int kStatusAgainMs = 300'000;

/// Signs of life, where the service manager waits for them.  REQUIRES: workers and log outlive
/// background.stop().
void start_watchdog(Background& background, net::WorkerPool& workers, Log& log);

}  // namespace inxt::serve
