// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/json.h"

namespace inxt::host {

namespace {

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= kRequestIdBytesMax && std::ranges::all_of(text, [](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') || letter == '-' || letter == '_' || letter == '.';
  });
}

std::string error_json(const Refusal& refusal, std::int64_t retry_after_ms) {
  format::Json json;
  json["error"] = code_name(refusal.error.code);
  json["message"] =
      format::is_utf8(refusal.error.what) ? refusal.error.what : std::string("text that is not UTF-8");
  if (!refusal.error.hint.empty() && format::is_utf8(refusal.error.hint)) json["hint"] = refusal.error.hint;
  if (retry_after_ms > 0) json["retry_after_ms"] = retry_after_ms;
  std::string text = format::write_compact(json);
  text.insert(text.size() - 1, refusal.members);
  return text + '\n';
}

}  // namespace

int status_of(Code code) {
  switch (code) {
    case Code::usage:
      return 400;
    case Code::denied:
      return 403;
    case Code::not_found:
      return 404;
    case Code::integrity:
      return 422;
    case Code::try_again:
      return 503;
    case Code::quota:
      return 507;
    default:
      return 500;
  }
}

Refusal::Refusal(Error error_) : status(status_of(error_.code)), error(std::move(error_)) {}

std::unexpected<Refusal> refuse(int status, Code code, std::string what, std::string hint) {
  return std::unexpected(Refusal(status, Error{code, std::move(what), std::move(hint)}));
}

Refusal from_disk(Error error) {
  switch (error.code) {
    case Code::not_found:
    case Code::try_again:
    case Code::quota:
      return Refusal(std::move(error));
    default:
      return Refusal(500, Error{Code::failure, std::move(error.what), {}});
  }
}

Exchange::Exchange(Host& host, net::ServerRequest& request, net::ServerResponse& response)
    : host_(host), request_(request), response_(response) {
  const auto given = request.header("Inxt-Request-Id");
  id_ = given && is_request_id(*given) ? std::string(*given) : to_hex(host.parts().random.bytes<8>());
}

std::expected<AccountId, Refusal> Exchange::client() const {
  if (!request_.peer_key()) return refuse(401, Code::denied, "this needs a client certificate");
  return AccountId{*request_.peer_key()};
}

std::expected<AccountId, Refusal> Exchange::account() const {
  std::expected<AccountId, Refusal> account = client();
  if (account && !host_.accept_list().accepts(*account))
    return refuse(403, Code::denied, fmt::format("account {} is not accepted by this Host", account->hex()),
                  "ask its operator to add it to the accept list");
  return account;
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
    refusal.error = Error{Code::failure, fmt::format("this Host failed; its log says why at {}", id_), {}};

  const bool is_busy = refusal.status == 503 || refusal.status == 429;
  if (is_busy) refusal.headers.push_back({"Retry-After", std::to_string((kRetryAfterMs + 999) / 1000)});
  const std::string json = error_json(refusal, is_busy ? kRetryAfterMs : 0);
  co_await reply(refusal.status, "application/json", view_of(json), std::move(refusal.headers));
}

void Exchange::log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!parts().log.shows(level)) return;
  std::vector<LogField> all{{"request", id_}};
  if (request_.peer_key()) all.push_back({"peer", to_hex(*request_.peer_key())});
  all.insert(all.end(), fields.begin(), fields.end());
  parts().log.write(level, event, all);
}

}  // namespace inxt::host
