// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge's operator sees of repairs, on the control socket.  Manual: inxt-bridge(8).
#pragma once

#include <string>

#include "bridge/bridge.h"

namespace inxt::bridge {

inline constexpr std::size_t kRepairsPerAnswerMax = 200;

/// POST /repairs {"after":number?}: {"repairs":[...]}, at most kRepairsPerAnswerMax of them, in the order in
/// which they were planned; `number` names each.
net::Awaitable<Result<std::string>> list_repairs_for_operator(Bridge& bridge, std::string_view body);

}  // namespace inxt::bridge
