// SPDX-License-Identifier: LGPL-3.0-or-later
// What anybody may ask a Host: whether it is well, and who it is.
#include <nlohmann/json.hpp>

#include "format/json.h"
#include "host/exchange.h"

namespace inxt::host {

net::Awaitable<Outcome> get_health(Exchange& exchange) {
  format::Json json;
  json["status"] = "ok";
  json["protocol"] = format::Json::array({kProtocol});
  json["rebuilding"] = exchange.parts().store.stats().rebuilding;
  json["time"] = exchange.now_s();
  co_await exchange.reply_json(200, format::write_compact(json));
  co_return Outcome{};
}

net::Awaitable<Outcome> get_descriptor(Exchange& exchange) {
  CO_TRY(const std::string line, exchange.host().descriptor_line());
  co_await exchange.reply(200, "application/jsonl", view_of(line));
  co_return Outcome{};
}

}  // namespace inxt::host
