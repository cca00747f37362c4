// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace inxt::sys {

Result<Fd> lock_file(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail_errno(errno, path);
  while (::flock(fd.number(), LOCK_EX) != 0)
    if (errno != EINTR) return fail_errno(errno, path);
  return fd;
}

}  // namespace inxt::sys
