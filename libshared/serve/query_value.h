// SPDX-License-Identifier: LGPL-3.0-or-later
// One parameter of a request's query.
#pragma once

#include <optional>
#include <string_view>

namespace inxt::serve {

/// The value of a query parameter; nothing when it is not there.  Values are plain: no escapes are undone.
std::optional<std::string_view> query_value(std::string_view query, std::string_view name);

}  // namespace inxt::serve
