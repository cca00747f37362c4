// SPDX-License-Identifier: LGPL-3.0-or-later
// The address of a local socket.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string_view>

#include "base/result.h"

namespace inxt::sys {

struct UnixAddress {
  sockaddr_un address{};
  socklen_t size_bytes = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

/// Of an absolute path, or of an abstract name ("@name").  Errors: usage when it is neither, or longer than
/// 107 bytes.
Result<UnixAddress> unix_address(std::string_view name);

}  // namespace inxt::sys
