// SPDX-License-Identifier: LGPL-3.0-or-later
// Parts of a request that several handlers read: ids in paths, numbers in queries; and what a transaction's
// error means to the peer.
#pragma once

#include "base/ids.h"
#include "bridge/exchange.h"
#include "serve/query_value.h"

namespace inxt::bridge {

/// Errors: 400, saying what the path lacks: `what` as in "log id".
template <class AnyId>
std::expected<AnyId, Refusal> id_in_path(std::string_view text, std::string_view what) {
  const Result<AnyId> id = AnyId::parse(text);
  if (!id)
    return refuse(400, Code::usage,
                  "the path holds no " + std::string(what) + " of " + std::to_string(2 * AnyId::kBytes) +
                      " lower-case hex digits");
  return *id;
}

/// The id behind which a list goes on; nothing where the query has no `after`.  Errors: 400.
template <class AnyId>
std::expected<std::optional<AnyId>, Refusal> id_after(std::string_view query) {
  const auto text = serve::query_value(query, "after");
  if (!text) return std::nullopt;
  const Result<AnyId> id = AnyId::parse(*text);
  if (!id) return refuse(400, Code::usage, "after: no id of lower-case hex digits");
  return *id;
}

/// A number of the query; `otherwise` where it is not there.  Errors: 400, with the name, outside least to
/// most.
std::expected<std::uint64_t, Refusal> number_in_query(std::string_view query, std::string_view name,
                                                      std::uint64_t otherwise, std::uint64_t least,
                                                      std::uint64_t most);

/// A handler's own refusals (denied, not_found, quota, try_again) stay what they are; what went wrong in the
/// database is 500.
Refusal from_transaction(Error error);

/// Reads what is left of a large body and forgets it, so that a peer that is still sending sees why it is
/// refused instead of a closed connection.  Does nothing for more than `bytes_max`.
net::Awaitable<void> discard_body(Exchange& exchange, std::uint64_t bytes_max);

}  // namespace inxt::bridge
