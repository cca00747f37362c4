// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/fd.h"

#include <unistd.h>

#include <cerrno>

namespace inxt::sys {

void Fd::close() {
  if (number_ < 0) return;
  const int saved = errno;  // a destructor must not change what the caller is about to report
  ::close(std::exchange(number_, -1));
  errno = saved;
}

}  // namespace inxt::sys
