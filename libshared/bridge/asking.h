// SPDX-License-Identifier: LGPL-3.0-or-later
// The head of a request that needs permits.
#pragma once

#include "bridge/authority.h"
#include "serve/exchange.h"

namespace inxt::bridge {

/// The permits that came with the request, checked for its peer, now, and for what it wants.  Whether one was
/// revoked is asked in the request's own transaction: check_not_revoked(). Errors: 401 without a client
/// certificate; 403.
std::expected<Authority, serve::Refusal> authority_of(serve::Exchange& exchange,
                                                      const crypto::PublicKey& bridge,
                                                      format::Ability ability,
                                                      const std::optional<format::ObjectId>& object = {});
/// The same, whatever they allow.
std::expected<Authority, serve::Refusal> authority_of(serve::Exchange& exchange,
                                                      const crypto::PublicKey& bridge);

/// The body, whole.  Errors: 413 past `limit_bytes`, naming it as `limit_name`; those of read_all().
net::Awaitable<std::expected<std::string, serve::Refusal>> body_of(serve::Exchange& exchange,
                                                                   std::size_t limit_bytes,
                                                                   std::string_view limit_name);

}  // namespace inxt::bridge
