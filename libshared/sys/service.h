// SPDX-License-Identifier: LGPL-3.0-or-later
// What a daemon owes the system that runs it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace inxt::sys {

/// Tells the service manager `state`, such as "READY=1", where $NOTIFY_SOCKET names its socket
/// (sd_notify(3)); does nothing without one.  Errors: failure when it cannot be told.
Result<void> notify_service_manager(std::string_view state);

/// Raises the soft limit of open files (RLIMIT_NOFILE) to the hard one; gives what it is now.
Result<std::uint64_t> raise_open_files_limit();

}  // namespace inxt::sys
