// SPDX-License-Identifier: AGPL-3.0-or-later
// Commands to the Bridge that runs on the folder, over its control socket.
#pragma once

#include <functional>

#include "format/json.h"
#include "options.h"

namespace inxt::tools {

/// Its answer.  Errors: as serve::command_daemon; integrity when it is no JSON object.
Result<format::Json> command_bridge(const BridgeOptions& options, const std::string& path,
                                    const format::Json& body);

/// A list that comes in pages, as the array `member`: `take` is given each of its objects, and says what
/// `after` is to be when that was the last of its page.
using TakeItem = std::function<Result<format::Json>(const format::Json&)>;
Result<void> command_in_pages(const BridgeOptions& options, const std::string& path, const char* member,
                              const TakeItem& take);

}  // namespace inxt::tools
