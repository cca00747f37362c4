// SPDX-License-Identifier: LGPL-3.0-or-later
// What anybody may ask a Bridge: whether it is well, and who it is.
#include <array>
#include <nlohmann/json.hpp>

#include "bridge/routes.h"
#include "format/json.h"

namespace inxt::bridge {

namespace {

net::Awaitable<Outcome> get_health(Exchange& exchange, PathValues) {
  format::Json json;
  json["status"] = "ok";
  json["protocol"] = format::Json::array({serve::kProtocol});
  json["time"] = exchange.now_s();
  co_await exchange.reply_json(200, format::write_compact(json));
  co_return Outcome{};
}

net::Awaitable<Outcome> get_descriptor(Exchange& exchange, PathValues) {
  CO_TRY(const std::string line, exchange.bridge().descriptor_line());
  co_await exchange.reply(200, "application/jsonl", view_of(line));
  co_return Outcome{};
}

}  // namespace

std::span<const RouteRule> about_routes() {
  using net::Method;
  static constexpr std::array kRules{
      RouteRule{Method::get, "/v1/health", "health", get_health, true},
      RouteRule{Method::head, "/v1/health", "health", get_health, true},
      RouteRule{Method::get, "/v1/descriptor", "descriptor", get_descriptor, true},
      RouteRule{Method::head, "/v1/descriptor", "descriptor", get_descriptor, true},
  };
  return kRules;
}

}  // namespace inxt::bridge
