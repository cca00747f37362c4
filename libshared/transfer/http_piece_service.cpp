// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/http_piece_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/contract.h"
#include "net/race.h"

namespace inxt::transfer {
namespace {

using format::Fields;
using net::Awaitable;

constexpr std::size_t kMessageBytesMax = 512;

/// A JSON answer is one line, with or without its newline.
std::string_view line_of(const net::Response& response) {
  const auto text = text_of(response.body);
  return text.ends_with('\n') ? text.substr(0, text.size() - 1) : text;
}

/// What a Host's refusal means here.  Its own words are hostile text: shown escaped, trusted for nothing.
Error refusal(const HostAddress& host, const net::Response& response) {
  Code code = Code::failure;
  switch (response.status) {
    case 400: code = Code::usage; break;
    case 401:
    case 403: code = Code::denied; break;
    case 404: code = Code::not_found; break;
    case 409:
    case 416:
    case 422: code = Code::integrity; break;
    case 408:
    case 429:
    case 502:
    case 503:
    case 504: code = Code::try_again; break;
    case 507: code = Code::quota; break;
    default: break;
  }
  std::string message;
  if (auto json = format::parse_object(line_of(response), net::kJsonBodyBytesMax)) {
    const Fields fields(*json, "answer");
    if (auto text = fields.text("message", kMessageBytesMax)) message = ": " + *text;
  }
  return {code, fmt::format("Host {} answered {} {}{}", host.id.hex().substr(0, 8), response.status,
                            net::reason_phrase(response.status), message)};
}

Result<HeldPiece> read_held(const format::Json& json, const std::string& where) {
  const Fields fields(json, where);
  HeldPiece out;
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.size = static_cast<std::uint32_t>(TRY(fields.integer("size", format::kShardBytesMax)));
  out.offer = TRY(fields.text("offer", 6144));
  out.acceptance = TRY(fields.text("acceptance", 6144));
  out.receipt = TRY(fields.text("receipt", 6144));
  return out;
}

Result<StoredPiece> read_stored(const net::Response& response, std::string_view offer_token, std::int64_t now_unix_s) {
  const auto json = TRY_IN("the Host's answer", format::parse_object(line_of(response), net::kJsonBodyBytesMax));
  const Fields fields(json, "the Host's answer");
  StoredPiece out;
  out.acceptance = TRY(fields.text("acceptance", 6144));
  out.receipt = TRY(fields.text("receipt", 6144));
  // The piece was there already: the Host shows the offer it accepted then, which this account signed.
  out.offer = fields.has("offer") ? TRY(fields.text("offer", 6144)) : std::string(offer_token);
  const auto ours = TRY(format::open_offer(offer_token, std::nullopt));
  const auto accepted = TRY(format::open_offer(out.offer, std::nullopt));
  if (accepted.account != ours.account || accepted.piece != ours.piece || accepted.size != ours.size ||
      accepted.host != ours.host)
    return fail(Code::integrity, "the Host's answer: an offer about something else");
  if (accepted.until_unix_s <= now_unix_s)
    return fail(Code::try_again, "the Host still has the piece under a contract whose term is over");
  TRY(format::check_answer(out.offer, accepted, out.acceptance, out.receipt));
  return out;
}

}  // namespace

Result<const net::TlsIdentity*> HttpPieceService::identity_for(const HostId& host) {
  if (auto known = identities_.find(host); known != identities_.end()) return &known->second;
  auto made = TRY(net::TlsIdentity::make(account_for_(host)));
  return &identities_.emplace(host, std::move(made)).first->second;
}

Awaitable<Result<net::Response>> HttpPieceService::ask(const HostAddress& host, net::Request request) {
  auto identity = identity_for(host.id);
  if (!identity) co_return std::unexpected(std::move(identity).error());
  std::vector<std::string> addresses = host.addresses;
  if (auto last = answered_.find(host.id); last != answered_.end()) {
    auto known = std::ranges::find(addresses, last->second);
    if (known != addresses.end()) std::rotate(addresses.begin(), known, known + 1);
  }
  request.headers.push_back({"Inxt-Protocol", "1"});
  Error last_error{Code::not_found, fmt::format("no address is known for Host {}", host.id.hex().substr(0, 8)),
                   "give a hosts file with --hosts"};
  for (const auto& address : addresses) {
    net::Endpoint endpoint;
    endpoint.address = address;
    endpoint.expected_key = host.id.bytes;
    endpoint.identity = *identity;
    Result<net::Response> response = co_await http_.send(endpoint, request);
    if (!response) {
      last_error = std::move(response).error();
      continue;
    }
    answered_[host.id] = address;
    if (!response->ok()) co_return std::unexpected(refusal(host, *response));
    co_return std::move(response);
  }
  co_return std::unexpected(std::move(last_error));
}

Awaitable<Result<net::Response>> HttpPieceService::ask_soon(const HostAddress& host, net::Request request) {
  using namespace net;  // operator||
  Awaitable<Result<net::Response>> answer = ask(host, std::move(request));
  Awaitable<void> deadline = net::sleep_for(std::chrono::milliseconds(kAnswerDeadlineMs));
  auto first = co_await (std::move(answer) || std::move(deadline));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(Code::try_again, fmt::format("Host {} gave no whole answer within {} s (kAnswerDeadlineMs)",
                                              host.id.hex().substr(0, 8), kAnswerDeadlineMs / 1000));
}

Awaitable<Result<StoredPiece>> HttpPieceService::put(const HostAddress& host, std::string_view offer_token,
                                                     ByteView bytes) {
  const auto offer = format::open_offer(offer_token, std::nullopt);
  if (!offer) co_return std::unexpected(offer.error());
  net::Request request;
  request.method = net::Method::put;
  request.target = "/v1/pieces/" + offer->piece.hex();
  request.headers.push_back({"Inxt-Offer", std::string(offer_token)});
  request.body = bytes;
  Result<net::Response> response = co_await ask(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  auto stored = read_stored(*response, offer_token, clock_.unix_s());
  if (stored) stored->address = answered_[host.id];
  co_return stored;
}

Awaitable<Result<void>> HttpPieceService::get(const HostAddress& host, const PieceId& piece, std::uint64_t offset,
                                              ByteSpan into) {
  net::Request request;
  request.target = "/v1/pieces/" + piece.hex();
  // One byte more than wanted would be an answer too: the exact range refuses a longer piece early.
  request.headers.push_back({"Range", fmt::format("bytes={}-{}", offset, offset + into.size() - 1)});
  request.into = into;
  Result<net::Response> response = co_await ask(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  if (response->body_bytes != into.size())
    co_return fail(Code::integrity, fmt::format("Host {} sent {} bytes of a piece where {} were asked for",
                                                host.id.hex().substr(0, 8), response->body_bytes, into.size()));
  co_return Result<void>{};
}

Awaitable<Result<HeldPiece>> HttpPieceService::contract(const HostAddress& host, const PieceId& piece) {
  net::Request request;
  request.target = "/v1/contracts/" + piece.hex();
  Result<net::Response> response = co_await ask_soon(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  auto json = format::parse_object(line_of(*response), net::kJsonBodyBytesMax);
  if (!json) co_return std::unexpected(std::move(json).error().in("the Host's answer"));
  auto held = read_held(*json, "the Host's answer");
  if (held && held->piece != piece) co_return fail(Code::integrity, "the Host's answer is about another piece");
  co_return held;
}

Awaitable<Result<std::vector<HeldPiece>>> HttpPieceService::list(const HostAddress& host,
                                                                 const std::optional<PieceId>& after,
                                                                 std::uint32_t limit) {
  net::Request request;
  request.target = fmt::format("/v1/contracts?limit={}", limit);
  if (after) request.target += "&after=" + after->hex();
  request.response_bytes_max = kListBodyBytesMax;
  Result<net::Response> response = co_await ask_soon(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  std::vector<HeldPiece> out;
  std::string_view rest = text_of(response->body);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    const auto where = fmt::format("the Host's list, line {}", out.size() + 1);
    auto json = format::parse_object(line, 3 * 6144 + 1024);
    if (!json) co_return std::unexpected(std::move(json).error().in(where));
    auto held = read_held(*json, where);
    if (!held) co_return std::unexpected(std::move(held).error());
    const auto& before = out.empty() ? after : std::optional(out.back().piece);
    if (out.size() == limit || (before && held->piece <= *before))
      co_return fail(Code::integrity, where + ": out of order");
    out.push_back(*std::move(held));
  }
  co_return out;
}

Awaitable<Result<void>> HttpPieceService::remove(const HostAddress& host, const PieceId& piece,
                                                 std::string_view deletion_token) {
  net::Request request;
  request.method = net::Method::delete_;
  request.target = "/v1/pieces/" + piece.hex();
  request.headers.push_back({"Inxt-Deletion", std::string(deletion_token)});
  Result<net::Response> response = co_await ask_soon(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  co_return Result<void>{};
}

Awaitable<Result<std::string>> HttpPieceService::audit(const HostAddress& host, std::string_view body) {
  net::Request request;
  request.method = net::Method::post;
  request.target = "/v1/audit";
  request.body = view_of(body);
  request.response_bytes_max = kAuditBodyBytesMax;
  Result<net::Response> response = co_await ask(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  co_return std::string(text_of(response->body));
}

}  // namespace inxt::transfer
