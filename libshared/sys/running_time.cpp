// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/running_time.h"

#include <sys/stat.h>
#include <sys/timex.h>

#include <cerrno>
#include <ctime>

namespace inxt::sys {

namespace {

/// Where a sandbox (the unit's ProtectClock=) lets nobody ask the kernel: systemd-timesyncd touches this file
/// whenever a time server has answered, every 34 minutes at least.  A clock that was set by hand meanwhile is
/// not close to it.
bool was_synchronized_lately() {
  constexpr std::int64_t kTouchedWithinS = 3600;
  struct stat status {};
  timespec now{};
  if (::stat("/run/systemd/timesync/synchronized", &status) != 0 ||
      ::clock_gettime(CLOCK_REALTIME, &now) != 0)
    return false;
  const std::int64_t age_s = now.tv_sec - status.st_mtim.tv_sec;
  return age_s >= 0 && age_s <= kTouchedWithinS;
}

}  // namespace

std::int64_t running_ms() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

bool is_clock_kept_right() {
  timex time{};  // reads only: no mode is set
  const int state = ::adjtimex(&time);
  if (state < 0) return (errno == EPERM || errno == ENOSYS) && was_synchronized_lately();
  return state != TIME_ERROR && (time.status & STA_UNSYNC) == 0;
}

}  // namespace inxt::sys
