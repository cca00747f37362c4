// SPDX-License-Identifier: LGPL-3.0-or-later
// Which handler a method and a path mean.  Wire: inxt-bridge(7), "REQUESTS".
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bridge/exchange.h"

namespace inxt::bridge {

/// What stands in the place of the stars of a path, in their order: text from outside, never empty.
using PathValues = std::vector<std::string>;

struct RouteRule {
  net::Method method;
  std::string_view path;    // "/v1/logs/*": a star is one component
  std::string_view action;  // for status and metrics; several rules may share one
  net::Awaitable<Outcome> (*handler)(Exchange& exchange, PathValues values);
  bool is_for_anybody = false;  // whatever protocol it speaks
};

// Each subject's requests; routes.cpp joins them.
std::span<const RouteRule> about_routes();
std::span<const RouteRule> accounts_routes();
std::span<const RouteRule> hosts_routes();
std::span<const RouteRule> log_routes();
std::span<const RouteRule> share_routes();
std::span<const RouteRule> care_routes();

struct Route {
  const RouteRule* rule = nullptr;
  std::size_t action = 0;  // its number in action_names()
  PathValues values = {};
};

/// Errors: 404 for a path that is not here; 405, with Allow, for a method that the path does not take.
std::expected<Route, Refusal> route(net::Method method, std::string_view path);

/// By number; the last is "none", under which requests count that want nothing that is here.
const std::vector<std::string_view>& action_names();

}  // namespace inxt::bridge
