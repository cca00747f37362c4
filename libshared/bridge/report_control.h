// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge's operator sees of the reports of Hosts, on the control socket.  Manual: inxt-bridge(8).
#pragma once

#include <string>

#include "bridge/bridge.h"

namespace inxt::bridge {

inline constexpr std::size_t kReportsPerAnswerMax = 200;

/// POST /reports {"after":{"host":hex,"piece":hex,"account":hex,"what":text}?}: {"reports":[...]}, at most
/// kReportsPerAnswerMax of them, ascending by these four.
net::Awaitable<Result<std::string>> list_reports_for_operator(Bridge& bridge, std::string_view body);

}  // namespace inxt::bridge
