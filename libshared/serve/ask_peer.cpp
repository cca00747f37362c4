// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/ask_peer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/json.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "net/race.h"

namespace inxt::serve {

namespace {

constexpr std::chrono::seconds kAnswerWait{20};
constexpr std::size_t kMessageBytesMax = 512;

/// What a refusal says, which is hostile text to its reader.
std::string said(const net::Response& response) {
  std::string_view text = text_of(response.body);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (const auto json = format::parse_object(text))
    if (const auto message = format::Fields(*json, "answer").text("message", kMessageBytesMax))
      return *message;
  return {};
}

net::Awaitable<Result<std::string>> ask(net::HttpClient& http, const std::vector<std::string>& addresses,
                                        const crypto::PublicKey& peer, const std::string& target,
                                        const std::string& body, const net::TlsIdentity* identity) {
  Error last{Code::not_found, "no address is known", {}};
  for (const std::string& address : addresses) {
    net::Request request(body.empty() ? net::Method::get : net::Method::post, target);
    request.body = view_of(body);
    net::Endpoint endpoint(address, peer, identity);
    const Result<net::Response> response = co_await http.send(std::move(endpoint), std::move(request));
    if (!response) {
      last = response.error();
      continue;
    }
    if (!response->ok())
      co_return fail(Code::try_again,
                     fmt::format("{} answered {} {}", address, response->status, said(*response)));
    std::string_view text = text_of(response->body);
    if (text.ends_with('\n')) text.remove_suffix(1);
    co_return std::string(text);
  }
  co_return std::unexpected(last);
}

net::Awaitable<Result<std::string>> within(net::Awaitable<Result<std::string>> asking) {
  using namespace net;  // operator||
  Awaitable<void> deadline = sleep_for(kAnswerWait);
  auto first = co_await (std::move(asking) || std::move(deadline));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return fail(Code::try_again, fmt::format("no answer within {} s", kAnswerWait.count()));
}

}  // namespace

Result<std::string> ask_peer(const std::vector<std::string>& addresses, const crypto::PublicKey& peer,
                             const std::string& target, const std::string& body,
                             const net::TlsIdentity* identity) {
  net::EventLoop loop;
  net::HttpClient http(loop.executor());
  return loop.run(within(ask(http, addresses, peer, target, body, identity)));
}

}  // namespace inxt::serve
