// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/http_piece_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/contract_release.h"
#include "format/inventory_lines.h"
#include "format/inventory_requests.h"
#include "format/renewal.h"
#include "format/transfer.h"
#include "net/race.h"
#include "transfer/address_race.h"
#include "transfer/refusal.h"

namespace inxt::transfer {
namespace {

using format::Fields;
using net::Awaitable;

Result<std::optional<HeldRenewal>> read_renewal(const Fields& fields) {
  if (!fields.has("renewal")) return std::nullopt;
  HeldRenewal out;
  out.renewal = TRY(fields.text("renewal", format::kRenewalTokenBytesMax));
  out.acceptance = TRY(fields.text("renewal_acceptance", format::kRenewalTokenBytesMax));
  return out;
}

Result<HeldPiece> read_held(const format::Json& json, const std::string& where) {
  const Fields fields(json, where);
  HeldPiece out;
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.size = static_cast<std::uint32_t>(TRY(fields.integer("size", format::kShardBytesMax)));
  out.offer = TRY(fields.text("offer", 6144));
  out.acceptance = TRY(fields.text("acceptance", 6144));
  out.receipt = TRY(fields.text("receipt", 6144));
  out.renewal = TRY(read_renewal(fields));
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
  TRY(format::check_answer(out.offer, accepted, out.acceptance, out.receipt));
  auto until_unix_s = accepted.until_unix_s;
  if (const auto renewal = TRY(read_renewal(fields))) {
    const auto renewed = TRY(format::check_renewed(accepted, out.acceptance, renewal->renewal, renewal->acceptance));
    until_unix_s = std::max(until_unix_s, renewed.until_unix_s);
  }
  if (until_unix_s <= now_unix_s)
    return fail(Code::try_again, "the Host still has the piece under a contract whose term is over");
  return out;
}

}  // namespace

Result<const net::TlsIdentity*> HttpPieceService::identity_for(const HostAddress& host) {
  const std::pair which(host.id, host.uploader);
  if (auto known = identities_.find(which); known != identities_.end()) return &known->second;
  auto made = TRY(net::TlsIdentity::make(account_for_(host)));
  return &identities_.emplace(which, std::move(made)).first->second;
}

Awaitable<Result<net::Response>> HttpPieceService::ask(const HostAddress& host, net::Request request) {
  auto identity = identity_for(host);
  if (!identity) co_return std::unexpected(std::move(identity).error());
  std::vector<std::string> addresses = host.addresses;
  const auto endpoint_at = [&](const std::string& address) {
    return net::Endpoint(address, host.present_id().bytes, *identity);
  };
  if (const auto known = answered_.find(host.id);
      addresses.size() > 1 && (known == answered_.end() || std::ranges::find(addresses, known->second) == addresses.end())) {
    std::vector<net::Endpoint> endpoints;
    for (const std::string& address : addresses) endpoints.push_back(endpoint_at(address));
    Result<std::string> first = co_await first_to_answer(http_, std::move(endpoints));
    if (!first) co_return std::unexpected(std::move(first).error());
    answered_[host.id] = *std::move(first);
  }
  if (auto last = answered_.find(host.id); last != answered_.end()) {
    auto known = std::ranges::find(addresses, last->second);
    if (known != addresses.end()) std::rotate(addresses.begin(), known, known + 1);
  }
  request.headers.push_back({"Inxt-Protocol", "1"});
  Error last_error{Code::not_found, fmt::format("no address is known for Host {}", host.id.hex().substr(0, 8)),
                   "give a hosts file with --hosts"};
  for (const auto& address : addresses) {
    net::Endpoint endpoint = endpoint_at(address);
    Result<net::Response> response = co_await http_.send(std::move(endpoint), request);
    if (!response) {
      answered_.erase(host.id);
      last_error = std::move(response).error();
      continue;
    }
    answered_[host.id] = address;
    if (!response->ok()) co_return std::unexpected(error_of("Host", host.id.bytes, *response));
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
  if (voucher_for_)
    if (auto voucher = voucher_for_(host.id)) request.headers.push_back({"Inxt-Voucher", *std::move(voucher)});
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
  if (capability_for_) {
    Result<std::string> capability = co_await capability_for_(host.id, piece);
    if (!capability) co_return std::unexpected(std::move(capability).error());
    request.headers.push_back({"Inxt-Capability", *std::move(capability)});
  }
  Result<net::Response> response = co_await ask(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  if (response->body_bytes != into.size())
    co_return fail(Code::integrity, fmt::format("Host {} sent {} bytes of a piece where {} were asked for",
                                                host.id.hex().substr(0, 8), response->body_bytes, into.size()));
  if (const auto id = response->header("Inxt-Request-Id"); id && id->size() <= format::kTransferRequestBytesMax) {
    if (served_.size() >= kServedMax) served_.clear();
    served_[{host.id, piece}] = *id;
  }
  co_return Result<void>{};
}

Awaitable<Result<void>> PieceService::acknowledge(const HostAddress&, const PieceId&, std::uint64_t) {
  co_return fail(Code::not_found, "nothing that a receipt could be given for");
}

Awaitable<Result<void>> HttpPieceService::acknowledge(const HostAddress& host, const PieceId& piece,
                                                      std::uint64_t bytes) {
  const auto served = served_.find({host.id, piece});
  if (served == served_.end()) co_return fail(Code::not_found, "no such piece was served lately");
  const crypto::SigningKey key = account_for_(host);
  format::TransferReceipt receipt;
  receipt.account = AccountId{key.public_key()};
  receipt.host = host.present_id();
  receipt.piece = piece;
  receipt.bytes = bytes;
  receipt.request = served->second;
  receipt.issued_unix_s = clock_.unix_s();
  served_.erase(served);
  const Result<std::string> token = format::sign_transfer(receipt, key);
  if (!token) co_return std::unexpected(token.error());
  net::Request request;
  request.method = net::Method::post;
  request.target = "/v1/transfers";
  request.headers.push_back({"Inxt-Transfer", *token});
  Result<net::Response> response = co_await ask_soon(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
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
    auto json = format::parse_object(line, 3 * 6144 + 2 * format::kRenewalTokenBytesMax + 1024);
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

Awaitable<Result<std::string>> HttpPieceService::release(const HostAddress& host, std::string_view release_token) {
  const auto release = format::open_release(release_token, std::nullopt);
  if (!release) co_return std::unexpected(release.error());
  net::Request request;
  request.method = net::Method::post;
  request.target = "/v1/releases";
  request.headers.push_back({"Inxt-Release", std::string(release_token)});
  Result<net::Response> response = co_await ask_soon(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  std::string line(line_of(*response));
  const auto said = format::read_released(line, "the Host's answer");
  if (!said) co_return std::unexpected(said.error());
  // An earlier release is as good.
  if (said->piece != release->piece || format::contract_hash(said->acceptance) != release->contract || !said->release)
    co_return fail(Code::integrity, "the Host's answer: released: is about another contract");
  co_return line;
}

Awaitable<Result<std::optional<HeldRenewal>>> HttpPieceService::renew(const HostAddress& host, const PieceId& piece,
                                                                      std::string_view renewal_token) {
  net::Request request;
  request.method = net::Method::post;
  request.target = "/v1/contracts/" + piece.hex();
  request.headers.push_back({"Inxt-Renewal", std::string(renewal_token)});
  if (voucher_for_)
    if (auto voucher = voucher_for_(host.id)) request.headers.push_back({"Inxt-Voucher", *std::move(voucher)});
  Result<net::Response> response = co_await ask_soon(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  auto json = format::parse_object(line_of(*response), net::kJsonBodyBytesMax);
  if (!json) co_return std::unexpected(std::move(json).error().in("the Host's answer"));
  const Fields fields(*json, "the Host's answer");
  co_return read_renewal(fields);
}

Awaitable<Result<std::string>> HttpPieceService::post(const HostAddress& host, std::string target, std::string_view body,
                                                     std::size_t answer_bytes_max) {
  net::Request request;
  request.method = net::Method::post;
  request.target = std::move(target);
  request.body = view_of(body);
  request.response_bytes_max = answer_bytes_max;
  Result<net::Response> response = co_await ask(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  co_return std::string(text_of(response->body));
}

Awaitable<Result<std::string>> HttpPieceService::audit(const HostAddress& host, std::string_view body) {
  return post(host, "/v1/audit", body, kAuditBodyBytesMax);
}

Awaitable<Result<std::string>> HttpPieceService::audit_inventory(const HostAddress& host, std::string_view body) {
  return post(host, "/v1/inventory/audit", body, kInventoryAuditBodyBytesMax);
}

Awaitable<Result<std::string>> HttpPieceService::inventory_head(const HostAddress& host) {
  net::Request request(net::Method::get, "/v1/inventory");
  Result<net::Response> response = co_await ask_soon(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  co_return std::string(line_of(*response));
}

Awaitable<Result<std::string>> HttpPieceService::inventory_heads(const HostAddress& host, std::int64_t after,
                                                                 std::uint32_t limit) {
  net::Request request(net::Method::get, fmt::format("/v1/inventory/heads?after={}&limit={}", after, limit));
  Result<net::Response> response = co_await ask_soon(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  co_return std::string(text_of(response->body));
}

Awaitable<Result<std::string>> HttpPieceService::look_up(const HostAddress& host, std::string_view body) {
  net::Request request;
  request.method = net::Method::post;
  request.target = "/v1/inventory/lookup";
  request.body = view_of(body);
  request.response_bytes_max = kInventoryAuditBodyBytesMax;
  Result<net::Response> response = co_await ask_soon(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  co_return std::string(text_of(response->body));
}

Awaitable<Result<std::chrono::nanoseconds>> HttpPieceService::measure_round_trip(const HostAddress& host) {
  std::optional<std::chrono::nanoseconds> least;
  for (int i = 0; i < kRoundTrips; ++i) {
    net::Request request(net::Method::get, "/v1/health");
    const auto begun = std::chrono::steady_clock::now();
    Result<net::Response> response = co_await ask(host, std::move(request));
    if (!response) co_return std::unexpected(std::move(response).error());
    const std::chrono::nanoseconds time = std::chrono::steady_clock::now() - begun;
    if (!least || time < *least) least = time;
  }
  co_return *least;
}

Awaitable<Result<std::chrono::nanoseconds>> HttpPieceService::round_trip(const HostAddress& host) {
  using namespace net;  // operator||
  Awaitable<Result<std::chrono::nanoseconds>> measured = measure_round_trip(host);
  Awaitable<void> deadline = net::sleep_for(std::chrono::milliseconds(kRoundTripsDeadlineMs));
  auto first = co_await (std::move(measured) || std::move(deadline));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(Code::try_again, fmt::format("Host {} gave no {} answers within {} s (kRoundTripsDeadlineMs)",
                                              host.id.hex().substr(0, 8), kRoundTrips, kRoundTripsDeadlineMs / 1000));
}

Awaitable<Result<std::string>> HttpPieceService::witness(const HostAddress& host, const crypto::Hash& hash) {
  const std::string body = format::write_witness_request(hash);
  net::Request request;
  request.method = net::Method::post;
  request.target = "/v1/witness";
  request.body = view_of(body);
  Result<net::Response> response = co_await ask_soon(host, std::move(request));
  if (!response) co_return std::unexpected(std::move(response).error());
  co_return std::string(line_of(*response));
}

}  // namespace inxt::transfer
