// SPDX-License-Identifier: AGPL-3.0-or-later
// The line of a hosts file that a Host leaves in its store.
#pragma once

#include <string>

#include "base/result.h"

namespace inxt::tools {

/// Without its newline.  Errors: not_found; integrity when it is no such line.
Result<std::string> read_host_line(const std::string& folder);

}  // namespace inxt::tools
