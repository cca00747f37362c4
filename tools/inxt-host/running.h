// SPDX-License-Identifier: AGPL-3.0-or-later
// What a running Host leaves in its store for those beside it: descriptor.jsonl (a hosts line) and run.json.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"

namespace inxt::tools {

inline constexpr std::string_view kDescriptorFile = "descriptor.jsonl";  // stays when the Host stops
inline constexpr std::string_view kRunFile = "run.json";                 // removed then

struct Running {
  HostId host;
  std::int64_t process = 0;
  std::vector<std::string> listening;  // addresses with the ports that were bound
};

Result<void> write_running(const std::string& folder, const Running& running,
                           std::string_view descriptor_line);
void remove_running(const std::string& folder);
/// Errors: not_found when no Host runs, or none that has ended cleanly.
Result<Running> read_running(const std::string& folder);
Result<std::string> read_descriptor_line(const std::string& folder);

}  // namespace inxt::tools
