// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/unix_address.h"

#include <cstddef>
#include <cstring>

namespace inxt::sys {

Result<UnixAddress> unix_address(std::string_view name) {
  UnixAddress to;
  to.address.sun_family = AF_UNIX;
  if (name.size() >= sizeof to.address.sun_path || (!name.starts_with('/') && !name.starts_with('@')))
    return fail(Code::usage, "neither an absolute path of at most 107 bytes nor an abstract name");
  std::memcpy(to.address.sun_path, name.data(), name.size());
  if (name[0] == '@') to.address.sun_path[0] = '\0';
  to.size_bytes =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + (name[0] == '@' ? 0 : 1));
  return to;
}

}  // namespace inxt::sys
