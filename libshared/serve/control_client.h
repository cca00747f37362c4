// SPDX-License-Identifier: LGPL-3.0-or-later
// Talks to the daemon that runs on a folder, over its control socket.  `noun` is what messages call it:
// "Host".
#pragma once

#include <string>

#include "base/result.h"

namespace inxt::serve {

/// GET `target`: the answer's body, at most kStatusBytesMax.
/// Errors: try_again when none runs on the folder, or it does not answer; denied when the socket is another
/// user's; what the daemon says.
Result<std::string> ask_daemon(const std::string& folder, std::string_view noun, const std::string& target);

/// POST `command`, such as "/drain", with a JSON object: the answer's body.  Errors: as ask_daemon.
Result<std::string> command_daemon(const std::string& folder, std::string_view noun,
                                   const std::string& command, const std::string& body);

}  // namespace inxt::serve
