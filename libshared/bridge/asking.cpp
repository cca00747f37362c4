// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/asking.h"

#include <fmt/format.h>

namespace inxt::bridge {

std::expected<Authority, serve::Refusal> authority_of(serve::Exchange& exchange,
                                                      const crypto::PublicKey& bridge) {
  auto client = exchange.client();
  if (!client) return std::unexpected(std::move(client).error());
  const auto permits = exchange.request().header("Inxt-Permit");
  if (!permits)
    return serve::refuse(403, Code::denied, "this needs a permit",
                         "ask the Bridge's operator for a bridge file, and give it with --bridge");
  auto opened = Authority::open(*permits, bridge, *client, exchange.now_s());
  if (!opened) return std::unexpected(serve::Refusal(403, std::move(opened).error().in("Inxt-Permit")));
  return *std::move(opened);
}

std::expected<Authority, serve::Refusal> authority_of(serve::Exchange& exchange,
                                                      const crypto::PublicKey& bridge,
                                                      format::Ability ability,
                                                      const std::optional<format::ObjectId>& object) {
  auto authority = authority_of(exchange, bridge);
  if (!authority) return authority;
  if (auto allowed = authority->allow(ability, object); !allowed)
    return std::unexpected(serve::Refusal(403, std::move(allowed).error()));
  return authority;
}

net::Awaitable<std::expected<std::string, serve::Refusal>> body_of(serve::Exchange& exchange,
                                                                   std::size_t limit_bytes,
                                                                   std::string_view limit_name) {
  if (exchange.request().body_bytes_left() > limit_bytes)
    co_return serve::refuse(413, Code::usage,
                            fmt::format("the body has more than {} bytes ({})", limit_bytes, limit_name));
  Result<Bytes> body = co_await exchange.request().read_all(limit_bytes);
  if (!body) co_return std::unexpected(serve::Refusal(std::move(body).error()));
  co_return std::string(text_of(*body));
}

}  // namespace inxt::bridge
