// SPDX-License-Identifier: LGPL-3.0-or-later
// The secret part of a key file: one flat JSON object of plain strings, read in place.  A general JSON parser
// would leave copies of the secret in freed memory.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace inxt::keys {

/// Members in order; the values point into `text`.
/// Errors: integrity for anything but an object of at most 4 members whose names and values are strings of
/// printable ASCII
///         without a backslash; for a name that stands twice.
Result<std::vector<std::pair<std::string_view, std::string_view>>> read_secret_json(std::string_view text);

}  // namespace inxt::keys
