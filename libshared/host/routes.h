// SPDX-License-Identifier: LGPL-3.0-or-later
// Which handler a method and a path mean.  Wire: inxt-wire(7), "Requests".
#pragma once

#include "host/action.h"
#include "host/exchange.h"

namespace inxt::host {

struct Route {
  Action action = Action::health;
  PieceId piece;  // of the actions that have one
};

/// Errors: 404 for a path that is not here; 405, with Allow, for a method that the path does not take; 400
/// for a piece id that is none.
std::expected<Route, Refusal> route(net::Method method, std::string_view path);

}  // namespace inxt::host
