// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/exchange.h"

#include <fmt/format.h>

#include <algorithm>

namespace inxt::serve {

namespace {

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= kRequestIdBytesMax && std::ranges::all_of(text, [](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') || letter == '-' || letter == '_' || letter == '.';
  });
}

/// The limit that the message speaks of.
std::string_view limit_named_in(std::span<const std::string_view> names, std::string_view message) {
  for (const std::string_view name : names)
    if (message.find(name) != std::string_view::npos) return name;
  return {};
}

}  // namespace

Exchange::Exchange(const Service& service, net::ServerRequest& request, net::ServerResponse& response,
                   std::string counted_as)
    : service_(service), request_(request), response_(response), counted_as_(std::move(counted_as)) {
  const auto given = request.header("Inxt-Request-Id");
  id_ = given && is_request_id(*given) ? std::string(*given) : to_hex(service.random.bytes<8>());
}

std::expected<AccountId, Refusal> Exchange::client() const {
  if (!request_.peer_key()) return refuse(401, Code::denied, "this needs a client certificate");
  return AccountId{*request_.peer_key()};
}

std::vector<net::Header> Exchange::headers(std::string_view content_type,
                                           std::vector<net::Header> more) const {
  more.push_back({"Inxt-Protocol", std::to_string(kProtocol)});
  more.push_back({"Inxt-Request-Id", id_});
  if (!content_type.empty()) more.push_back({"Content-Type", std::string(content_type)});
  return more;
}

net::Awaitable<void> Exchange::reply(int status, std::string_view content_type, ByteView body,
                                     std::vector<net::Header> more) {
  status_ = status;
  sent_bytes_ = body.size();
  std::vector<net::Header> all = headers(content_type, std::move(more));
  const Result<void> sent = co_await response_.send(status, std::move(all), body);
  if (!sent) log(LogLevel::debug, "not-sent", {{"reason", sent.error().what}});
}

void Exchange::reply_begin(int status, std::string_view content_type, std::uint64_t length,
                           std::vector<net::Header> more) {
  status_ = status;
  response_.begin(status, headers(content_type, std::move(more)), length);
}

net::Awaitable<bool> Exchange::reply_part(ByteView part) {
  sent_bytes_ += part.size();
  const Result<void> sent = co_await response_.send_part(part);
  if (!sent) log(LogLevel::debug, "not-sent", {{"reason", sent.error().what}});
  co_return sent.has_value();
}

net::Awaitable<void> Exchange::reply_json(int status, std::string json) {
  if (!json.ends_with('\n')) json += '\n';
  co_await reply(status, "application/json", view_of(json));
}

net::Awaitable<void> Exchange::reply_head(int status, std::uint64_t content_length,
                                          std::vector<net::Header> more) {
  status_ = status;
  std::vector<net::Header> all = headers("application/octet-stream", std::move(more));
  const Result<void> sent = co_await response_.send_head(status, std::move(all), content_length);
  if (!sent) log(LogLevel::debug, "not-sent", {{"reason", sent.error().what}});
}

net::Awaitable<void> Exchange::reply_refusal(Refusal refusal) {
  const bool is_own_fault = refusal.status == 500;
  log(is_own_fault ? LogLevel::error : LogLevel::info, is_own_fault ? "failed" : "refused",
      {{"status", std::to_string(refusal.status)},
       {"method", std::string(net::method_name(request_.method()))},
       {"target", std::string(request_.target())},
       {"address", std::string(request_.peer_address())},
       {"reason", refusal.error.what}});
  // What went wrong inside (names of files and folders) is the operator's alone.
  if (is_own_fault)
    refusal.error =
        Error{Code::failure, fmt::format("this {} failed; its log says why at {}", service_.noun, id_), {}};

  const bool is_busy = refusal.status == 503 || refusal.status == 429;
  if (is_busy)
    refusal.headers.push_back({"Retry-After", std::to_string((refusal.retry_after_ms + 999) / 1000)});
  const std::string_view limit = limit_named_in(service_.limit_names, refusal.error.what);
  const std::string json = refusal_json(refusal, limit, is_busy ? refusal.retry_after_ms : 0);
  co_await reply(refusal.status, "application/json", view_of(json), std::move(refusal.headers));
}

void Exchange::log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!service_.log.shows(level)) return;
  std::vector<LogField> all{{"request", id_}};
  if (request_.peer_key()) all.push_back({"peer", to_hex(*request_.peer_key())});
  all.insert(all.end(), fields.begin(), fields.end());
  service_.log.write(level, event, all);
}

}  // namespace inxt::serve
