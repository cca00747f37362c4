// SPDX-License-Identifier: LGPL-3.0-or-later
// Says once when the log is stored at fewer Hosts than it should be: $XDG_STATE_HOME/inxt/logs/LOG.copies has
// what was said last.
#pragma once

#include <optional>
#include <string>

#include "format/tree_key.h"

namespace inxt::client {

/// What to tell of `copies`; nothing where they are enough, or as many were told of before.
std::optional<std::string> tell_of_few_copies(const format::LogId& log, std::size_t copies);

}  // namespace inxt::client
