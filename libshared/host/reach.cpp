// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/reach.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/json.h"
#include "host/exchange.h"
#include "net/http_client.h"

namespace inxt::host {

bool ReachLimits::begin(const std::string& network, std::int64_t now_ms) {
  std::erase_if(last_ms_, [&](const auto& entry) { return now_ms - entry.second >= kReachGapMs; });
  if (at_once_ == kReachAtOnceMax || now_ms - any_ms_ < kReachAnyGapMs || last_ms_.contains(network)) return false;
  last_ms_.emplace(network, now_ms);
  any_ms_ = now_ms;
  ++at_once_;
  return true;
}

namespace {

class InWork {
 public:
  explicit InWork(ReachLimits& limits) : limits_(limits) {}
  InWork(const InWork&) = delete;
  InWork& operator=(const InWork&) = delete;
  ~InWork() { limits_.end(); }

 private:
  ReachLimits& limits_;
};

Result<std::uint16_t> port_in(ByteView body) {
  const auto json = TRY(format::parse_object(text_of(body), kReachBodyBytesMax));
  const format::Fields fields(json, "body");
  const std::uint64_t port = TRY(fields.integer("port", 65535));
  if (port == 0) return fields.bad("port", "0");
  return static_cast<std::uint16_t>(port);
}

}  // namespace

net::Awaitable<Outcome> look_back(Exchange& exchange) {
  CO_TRY(const AccountId client, exchange.client());
  const auto length = exchange.request().content_length();
  if (!length || *length > kReachBodyBytesMax)
    co_return refuse(400, Code::usage, fmt::format("a body of 1 to {} bytes is wanted (kReachBodyBytesMax)", kReachBodyBytesMax));
  CO_TRY(const Bytes body, co_await exchange.request().read_all(kReachBodyBytesMax));
  const Result<std::uint16_t> port = port_in(body);
  if (!port) co_return refuse(400, Code::usage, port.error().what);
  const std::string ip(exchange.request().peer_address());
  ReachLimits& limits = exchange.host().reach_limits();
  if (!limits.begin(net::network_of(ip), exchange.parts().clock.steady_ms())) {
    Refusal refusal(429, Error{Code::try_again, "this Host has just looked, for you or for others", {}});
    refusal.limit = "kReachGapMs";
    refusal.retry_after_ms = kReachGapMs;
    co_return std::unexpected(std::move(refusal));
  }
  const InWork in_work(limits);

  net::ClientLimits waits;
  waits.connect_ms = waits.no_progress_ms = waits.answer_ms = kReachWaitMs;
  net::HttpClient http(co_await net::asio::this_coro::executor, waits);
  const std::string address = net::to_address(ip, *port);
  net::Endpoint endpoint(address, client.bytes);
  net::Request request(net::Method::get, "/v1/health");
  const Result<net::Response> response = co_await http.send(std::move(endpoint), std::move(request));
  const format::Json answer{{"address", address}, {"reached", response.has_value()}};
  co_await exchange.reply_json(200, format::write_compact(answer));
  co_return Outcome{};
}

}  // namespace inxt::host
