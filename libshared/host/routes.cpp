// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/routes.h"

namespace inxt::host {

using serve::not_allowed;

namespace {

std::expected<PieceId, Refusal> piece_in(std::string_view text) {
  const Result<PieceId> piece = PieceId::parse(text);
  if (!piece) return refuse(400, Code::usage, "the path holds no piece id of 64 lower-case hex digits");
  return *piece;
}

}  // namespace

std::expected<Route, Refusal> route(net::Method method, std::string_view path) {
  using net::Method;
  constexpr std::string_view kPieces = "/v1/pieces/";
  constexpr std::string_view kContracts = "/v1/contracts/";

  if (path.starts_with(kPieces)) {
    const auto piece = piece_in(path.substr(kPieces.size()));
    if (!piece) return std::unexpected(piece.error());
    switch (method) {
      case Method::get:
        return Route{Action::get_piece, *piece};
      case Method::head:
        return Route{Action::head_piece, *piece};
      case Method::put:
        return Route{Action::put_piece, *piece};
      case Method::delete_:
        return Route{Action::remove_piece, *piece};
      case Method::post:
        return not_allowed(method, "GET, HEAD, PUT, DELETE");
    }
  }
  if (path.starts_with(kContracts)) {
    const auto piece = piece_in(path.substr(kContracts.size()));
    if (!piece) return std::unexpected(piece.error());
    if (method == Method::post) return Route{Action::renew_contract, *piece};
    if (method != Method::get) return not_allowed(method, "GET, POST");
    return Route{Action::get_contract, *piece};
  }
  if (path == "/v1/contracts") {
    if (method != Method::get) return not_allowed(method, "GET");
    return Route{Action::list_contracts, {}};
  }
  if (path == "/v1/audit") {
    if (method != Method::post) return not_allowed(method, "POST");
    return Route{Action::audit, {}};
  }
  if (path == "/v1/inventory/audit" || path == "/v1/inventory/lookup" || path == "/v1/witness") {
    if (method != Method::post) return not_allowed(method, "POST");
    return Route{path == "/v1/witness"            ? Action::witness
                 : path == "/v1/inventory/lookup" ? Action::inventory_lookup
                                                  : Action::inventory_audit,
                 {}};
  }
  if (path == "/v1/inventory" || path == "/v1/inventory/heads") {
    if (method != Method::get) return not_allowed(method, "GET");
    return Route{path == "/v1/inventory" ? Action::inventory : Action::inventory_heads, {}};
  }
  if (path == "/v1/transfers") {
    if (method != Method::post) return not_allowed(method, "POST");
    return Route{Action::take_transfer, {}};
  }
  if (path == "/v1/releases") {
    if (method != Method::post) return not_allowed(method, "POST");
    return Route{Action::release_contract, {}};
  }
  if (path == "/v1/reach") {
    if (method != Method::post) return not_allowed(method, "POST");
    return Route{Action::reach, {}};
  }
  if (path == "/v1/health" || path == "/v1/descriptor") {
    if (method != Method::get && method != Method::head) return not_allowed(method, "GET, HEAD");
    return Route{path == "/v1/health" ? Action::health : Action::descriptor, {}};
  }
  return refuse(404, Code::not_found, "there is nothing at this path");
}

}  // namespace inxt::host
