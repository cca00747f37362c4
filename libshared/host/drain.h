// SPDX-License-Identifier: LGPL-3.0-or-later
// Drain mode: what a Host has stays readable, auditable and deletable, and nothing new comes in.  Kept in the
// store, so that a restart does not end it.  Manual: inxt-host(8), "drain".
#pragma once

#include "host/host.h"
#include "sys/directory.h"

namespace inxt::host {

inline constexpr std::string_view kDrainFile = "drain.json";

/// As it was when the Host last ran.  Errors: those of the file.
Result<void> load_drain(Host& host, sys::Directory& directory);

/// Durable when it resumes.  Errors: those of the file; nothing has changed then.
net::Awaitable<Result<void>> set_drain(Host& host, sys::Directory& directory, bool is_draining);

/// POST /drain of the control socket: {"on": true} or {"on": false}; answers {"draining": ...}.
/// Errors: integrity for another body; those of the file.
net::Awaitable<Result<std::string>> command_drain(Host& host, sys::Directory& directory,
                                                  std::string_view body);

}  // namespace inxt::host
