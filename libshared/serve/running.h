// SPDX-License-Identifier: LGPL-3.0-or-later
// What a running daemon leaves in its folder for those beside it: descriptor.jsonl (its signed line) and
// run.json.
#pragma once

#include <string>
#include <vector>

#include "crypto/sign.h"

namespace inxt::serve {

inline constexpr std::string_view kDescriptorFile = "descriptor.jsonl";  // stays when the daemon stops
inline constexpr std::string_view kRunFile = "run.json";                 // removed then

struct Running {
  std::string role;  // "host", "bridge": the member that holds the key
  crypto::PublicKey key{};
  std::int64_t process = 0;
  std::vector<std::string> listening;  // addresses with the ports that were bound
};

Result<void> write_running(const std::string& folder, const Running& running,
                           std::string_view descriptor_line);
Result<void> write_descriptor(const std::string& folder, std::string_view descriptor_line);
void remove_running(const std::string& folder);
/// Errors: not_found when no daemon runs, or none that has ended cleanly; integrity when `role` is not its.
Result<Running> read_running(const std::string& folder, const std::string& role);

/// Whether a line is what it should be; `where` stands in its errors.
using LineCheck = Result<void> (*)(std::string_view line, const std::string& where);
/// Without its newline.  Errors: not_found; those of `check`.
Result<std::string> read_descriptor_line(const std::string& folder, LineCheck check);

}  // namespace inxt::serve
