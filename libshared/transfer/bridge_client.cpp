// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/bridge_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "net/race.h"
#include "transfer/address_race.h"
#include "transfer/refusal.h"

namespace inxt::transfer {
namespace {

using net::Awaitable;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

bool is_busy(const net::Response& response) {
  return response.status == 429 || response.status == 503;
}

}  // namespace

std::string_view BridgeAnswer::line() const {
  const auto whole = text();
  return whole.ends_with('\n') ? whole.substr(0, whole.size() - 1) : whole;
}

BridgeClient::BridgeClient(net::HttpClient& http, crypto::Random& random, BridgePeer peer,
                           const std::optional<crypto::SigningKey>& account, std::string permit)
    : http_(http), random_(random), peer_(std::move(peer)), permit_(std::move(permit)) {
  if (!account) return;
  auto made = net::TlsIdentity::make(*account);
  if (made)
    identity_ = *std::move(made);
  else
    identity_error_ = std::move(made).error();
}

Awaitable<Result<net::Response>> BridgeClient::send_once(const BridgeRequest& request) {
  std::vector<std::string> addresses = peer_.addresses;
  const auto endpoint_at = [&](const std::string& address) {
    return net::Endpoint(address, peer_.id, identity_ ? &*identity_ : nullptr);
  };
  if (answered_.empty() && addresses.size() > 1) {
    std::vector<net::Endpoint> endpoints;
    for (const std::string& address : addresses) endpoints.push_back(endpoint_at(address));
    Result<std::string> first = co_await first_to_answer(http_, std::move(endpoints));
    if (!first) co_return std::unexpected(std::move(first).error());
    answered_ = *std::move(first);
  }
  if (const auto known = std::ranges::find(addresses, answered_); known != addresses.end())
    std::rotate(addresses.begin(), known, known + 1);

  net::Request sent(request.method, request.target);
  sent.headers = request.headers;
  sent.headers.push_back({"Inxt-Protocol", "1"});
  if (!permit_.empty()) sent.headers.push_back({"Inxt-Permit", permit_});
  sent.body = request.secret_body.empty() ? view_of(request.body) : request.secret_body;
  sent.response_bytes_max = request.answer_bytes_max;
  net::Endpoint endpoint = endpoint_at(addresses.front());
  const std::string address = endpoint.address;
  Result<net::Response> response = co_await http_.send(std::move(endpoint), std::move(sent));
  // The next try goes to whoever answers then.
  if (response)
    answered_ = address;
  else
    answered_.clear();
  co_return response;
}

Awaitable<Result<net::Response>> BridgeClient::send_in_time(const BridgeRequest& request) {
  using namespace net;  // operator||
  Awaitable<Result<net::Response>> answer = send_once(request);
  Awaitable<void> deadline = net::sleep_for(std::chrono::milliseconds(request.answer_ms));
  auto first = co_await (std::move(answer) || std::move(deadline));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(Code::try_again, fmt::format("Bridge {} gave no whole answer within {} s (kBridgeAnswerMs)",
                                              to_hex(peer_.id).substr(0, 8), request.answer_ms / 1000));
}

Error BridgeClient::as_error(const net::Response& response) const {
  return error_of("Bridge", peer_.id, response);
}

Awaitable<Result<BridgeAnswer>> BridgeClient::ask(BridgeRequest request) {
  if (identity_error_) co_return std::unexpected(*identity_error_);
  if (peer_.addresses.empty())
    co_return fail(Code::not_found,
                   fmt::format("no address is known for Bridge {}", to_hex(peer_.id).substr(0, 8)),
                   "ask its operator for a bridge file with addresses");
  if (permit_.size() > kPermitHeaderBytesMax)
    co_return fail(Code::usage,
                   fmt::format("the permits together have {} bytes, more than {} (kPermitHeaderBytesMax)",
                               permit_.size(), kPermitHeaderBytesMax));
  const std::int64_t begun_ms = now_ms();
  std::int64_t wait_ms = kBridgeWaitMs;
  for (int tries = 1;; ++tries) {
    Result<net::Response> response = co_await send_in_time(request);
    std::int64_t pause_ms =
        wait_ms / 2 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(wait_ms)));
    bool again = false;
    Error error;
    if (!response) {
      error = response.error().code == Code::denied
                  ? std::move(response).error()
                  : std::move(response).error().in(fmt::format("Bridge {}", to_hex(peer_.id).substr(0, 8)));
      again = request.is_repeatable && error.code == Code::try_again;
      if (error.code == Code::try_again && error.hint.empty())
        error.hint = "try again when the Bridge answers; what has a manifest of its own is read without it";
    } else if (response->ok() || std::ranges::find(request.expected_statuses, response->status) !=
                                     request.expected_statuses.end()) {
      BridgeAnswer answer;
      answer.status = response->status;
      answer.body = std::move(response->body);
      answer.headers = std::move(response->headers);
      co_return answer;
    } else {
      error = as_error(*response);
      again = is_busy(*response) || (request.is_repeatable && error.code == Code::try_again);
      if (const auto asked_ms = retry_after_ms(*response)) {
        // A Bridge that wants to be left alone for longer than anybody would wait is not asked again now.
        if (*asked_ms > kBridgeWaitMsMax) again = false;
        pause_ms = std::max(pause_ms, *asked_ms);
      }
    }
    if (!again || tries == kBridgeTriesMax || now_ms() - begun_ms + pause_ms > kBridgeBudgetMs)
      co_return std::unexpected(std::move(error));
    co_await net::sleep_for(std::chrono::milliseconds(std::min(pause_ms, kBridgeWaitMsMax)));
    wait_ms = std::min(wait_ms * 2, kBridgeWaitMsMax);
  }
}

}  // namespace inxt::transfer
