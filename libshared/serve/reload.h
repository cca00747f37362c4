// SPDX-License-Identifier: LGPL-3.0-or-later
// Settings that are read again while a daemon runs: on SIGHUP.
#pragma once

#include "serve/service.h"

namespace inxt::serve {

/// Reads the settings on the worker pool and applies them on the loop: all of them, or, when anything is off,
/// none: a typing error must not lock everybody out.  Tells the service manager and the log.
/// Errors: what is off, logged already.
template <class Settings>
net::Awaitable<Result<void>> reload(net::WorkerPool& workers, Log& log,
                                    std::function<Result<Settings>()> read,
                                    std::function<void(Settings)> apply) {
  tell(log, sys::reloading_state());
  const auto job = [&read] { return read(); };
  Result<Settings> wanted = co_await workers.run(job);
  if (wanted) {
    apply(*std::move(wanted));
    log.write(LogLevel::info, "reloaded", {});
    tell(log, "READY=1\nSTATUS=new settings have taken effect");
    co_return Result<void>();
  }
  Error error = std::move(wanted).error();
  log.write(LogLevel::error, "settings-kept", {{"reason", error.what}, {"hint", error.hint}});
  tell(log, "READY=1\n" + sys::status_state("settings kept: " + error.what));
  co_return std::unexpected(std::move(error));
}

}  // namespace inxt::serve
