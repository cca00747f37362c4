// SPDX-License-Identifier: AGPL-3.0-or-later
#include "host_line.h"

#include "format/descriptor.h"
#include "serve/running.h"

namespace inxt::tools {

Result<std::string> read_host_line(const std::string& folder) {
  const auto check = [](std::string_view line, const std::string& where) -> Result<void> {
    TRY(format::open_hosts_line(line, where));
    return {};
  };
  return serve::read_descriptor_line(folder, check);
}

}  // namespace inxt::tools
