// SPDX-License-Identifier: LGPL-3.0-or-later
// Which handler a method and a path mean.  Wire: inxt-wire(7), "Requests".
#pragma once

#include "host/exchange.h"

namespace inxt::host {

enum class Action {
  health,
  descriptor,
  put_piece,
  get_piece,
  head_piece,
  remove_piece,
  get_contract,
  list_contracts,
  audit
};

struct Route {
  Action action = Action::health;
  PieceId piece;  // of the actions that have one
};

/// Errors: 404 for a path that is not here; 405, with Allow, for a method that the path does not take; 400
/// for a piece id that is none.
std::expected<Route, Refusal> route(net::Method method, std::string_view path);

/// The value of a query parameter; nothing when it is not there.  Values are plain: no escapes are undone.
std::optional<std::string_view> query_value(std::string_view query, std::string_view name);

/// "bytes=a-b", "bytes=a-", "bytes=-n" within `size` bytes.
struct ByteRange {
  std::uint64_t first = 0, length = 0;
};
/// Nothing for another unit, which RFC 9110 says to ignore.
/// Errors: 416, with Content-Range, for several ranges, a malformed one, or one outside.
std::expected<std::optional<ByteRange>, Refusal> parse_range(std::string_view header,
                                                             std::uint64_t size_bytes);

}  // namespace inxt::host
