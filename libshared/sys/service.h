// SPDX-License-Identifier: LGPL-3.0-or-later
// What a daemon owes the system that runs it, and what that hands to it: systemd's protocols of environment
// variables (sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3), systemd.exec(5) "Credentials"), none of
// which needs its library.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/fd.h"

namespace inxt::sys {

/// Tells the service manager `state`, such as "READY=1" or "WATCHDOG=1\nSTATUS=serving", where $NOTIFY_SOCKET
/// names its socket; does nothing without one.  Errors: failure when it cannot be told.
Result<void> notify_service_manager(std::string_view state);
inline constexpr int kNotifyMsMax = 200;  // that it waits for a manager who does not read
/// "RELOADING=1" with the time that the manager wants beside it (MONOTONIC_USEC): tell it before settings are
/// read again, and READY=1 afterwards.
std::string reloading_state();
/// "STATUS=" and `text` on one line: what `systemctl status` shows.
std::string status_state(std::string_view text);

/// How long the service manager waits for WATCHDOG=1 at most, in microseconds: $WATCHDOG_USEC, where
/// $WATCHDOG_PID is this process or is not set.  Nothing: it does not watch.  Errors: usage when a variable
/// is no number.
Result<std::optional<std::uint64_t>> watchdog_us();

/// A socket that was bound before this process began, with the name that its unit gave it
/// (FileDescriptorName=).
struct InheritedSocket {
  Fd fd;
  std::string name;
};
inline constexpr std::size_t kInheritedSocketsMax = 64;
/// The sockets of $LISTEN_FDS, when $LISTEN_PID is this process; they are closed on exec from now on, and the
/// variables are gone, so that a second call and children find none.  REQUIRES: one thread. Errors: usage
/// when a variable is off, more than kInheritedSocketsMax are handed over, or one is not open.
Result<std::vector<InheritedSocket>> take_inherited_sockets();

/// $CREDENTIALS_DIRECTORY/name, where the variable is set and the file is there.
std::optional<std::string> credential_path(std::string_view name);

/// $STATE_DIRECTORY (StateDirectory= of the unit), where it is set.  Errors: usage when it names several folders.
Result<std::optional<std::string>> state_directory();

/// Whether standard error goes to the journal ($JOURNAL_STREAM names its device and inode).
bool standard_error_is_journal();

/// Raises the soft limit of open files (RLIMIT_NOFILE) to the hard one; gives what it is now.
Result<std::uint64_t> raise_open_files_limit();

}  // namespace inxt::sys
