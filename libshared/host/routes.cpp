// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/routes.h"

#include <fmt/format.h>

#include <charconv>

namespace inxt::host {

namespace {

std::unexpected<Refusal> not_allowed(net::Method method, std::string_view allow) {
  Refusal refusal(
      405,
      Error{Code::usage, fmt::format("{} is not for this path; {} is", net::method_name(method), allow), {}});
  refusal.headers.push_back({"Allow", std::string(allow)});
  return std::unexpected(std::move(refusal));
}

std::expected<PieceId, Refusal> piece_in(std::string_view text) {
  const Result<PieceId> piece = PieceId::parse(text);
  if (!piece) return refuse(400, Code::usage, "the path holds no piece id of 64 lower-case hex digits");
  return *piece;
}

bool take_number(std::string_view& text, std::uint64_t& number) {
  const char* end = text.data() + text.size();
  const auto [behind, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(behind - text.data()));
  return true;
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
    if (method != Method::get) return not_allowed(method, "GET");
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
  if (path == "/v1/health" || path == "/v1/descriptor") {
    if (method != Method::get && method != Method::head) return not_allowed(method, "GET, HEAD");
    return Route{path == "/v1/health" ? Action::health : Action::descriptor, {}};
  }
  return refuse(404, Code::not_found, "there is nothing at this path");
}

std::optional<std::string_view> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
      return part.substr(name.size() + 1);
  }
  return std::nullopt;
}

std::expected<std::optional<ByteRange>, Refusal> parse_range(std::string_view header,
                                                             std::uint64_t size_bytes) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit)) return std::nullopt;
  const auto refused = [&](std::string_view why) {
    Refusal refusal(416, Error{Code::usage, fmt::format("Range: {}", why), {}});
    refusal.headers.push_back({"Content-Range", fmt::format("bytes */{}", size_bytes)});
    return std::unexpected(std::move(refusal));
  };

  std::string_view rest = header.substr(kUnit.size());
  if (rest.find(',') != std::string_view::npos) return refused("one range a request");
  std::uint64_t first = 0, last = size_bytes - 1;
  if (rest.starts_with('-')) {
    rest.remove_prefix(1);
    std::uint64_t count = 0;
    if (!take_number(rest, count) || !rest.empty()) return refused("it is malformed");
    if (count == 0) return refused("it is empty");
    first = count < size_bytes ? size_bytes - count : 0;
    return ByteRange{first, size_bytes - first};
  }
  if (!take_number(rest, first) || !rest.starts_with('-')) return refused("it is malformed");
  rest.remove_prefix(1);
  if (!rest.empty() && (!take_number(rest, last) || !rest.empty())) return refused("it is malformed");
  if (last < first && first < size_bytes) return refused("it ends before it begins");
  if (first >= size_bytes) return refused(fmt::format("the piece has {} bytes", size_bytes));
  last = std::min(last, size_bytes - 1);
  return ByteRange{first, last - first + 1};
}

}  // namespace inxt::host
