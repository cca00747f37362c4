// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/wait_readable.h"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <cerrno>

namespace inxt::client {

Result<void> wait_readable(int fd, int stop_fd, std::string_view name) {
  for (;;) {
    std::array<pollfd, 2> waits{{{fd, POLLIN, 0}, {stop_fd, POLLIN, 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return fail_errno(errno, name);
    }
    if (waits[1].revents != 0) return fail(Code::failure, fmt::format("{}: stopped by a signal", name));
    if (waits[0].revents != 0) return {};
  }
}

}  // namespace inxt::client
