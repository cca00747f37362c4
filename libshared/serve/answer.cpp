// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/answer.h"

#include <fmt/format.h>

#include <charconv>

namespace inxt::serve {

namespace {

/// A peer that speaks only later protocols is told which ones are spoken here.
std::optional<Refusal> check_protocol(const Service& service, const net::ServerRequest& request) {
  const auto header = request.header("Inxt-Protocol");
  if (!header) return std::nullopt;
  std::uint64_t asked = 0;
  const char* end = header->data() + header->size();
  const auto [behind, error] = std::from_chars(header->data(), end, asked);
  if (error == std::errc{} && behind == end && asked >= 1 && asked <= kProtocol) return std::nullopt;
  Refusal refusal(400, Error{Code::usage, fmt::format("this {} speaks protocol {}", service.noun, kProtocol),
                             "ask again without Inxt-Protocol, or with one of `protocol`"});
  refusal.members = fmt::format(",\"protocol\":[{}]", kProtocol);
  return refusal;
}

}  // namespace

RequestTable::Entry::Entry(Map& map, std::string peer) : map_(map) {
  at_ = map_.try_emplace(std::move(peer), 0).first;
  ++at_->second;
}

RequestTable::Entry::~Entry() {
  if (--at_->second == 0) map_.erase(at_);
}

net::Awaitable<void> answer(Exchange& exchange, Answering answering, std::expected<Wanted, Refusal> wanted) {
  const Service& service = exchange.service();
  net::ServerRequest& request = exchange.request();
  const std::int64_t began_ms = service.clock.steady_ms();
  const RequestTable::Entry in_work = answering.table.enter(exchange.counted_as());

  std::optional<Refusal> refusal;
  if (!wanted) {
    refusal = wanted.error();
  } else if (in_work.requests() > answering.requests_per_peer_max) {
    refusal = Refusal(429, Error{Code::try_again,
                                 fmt::format("requests_per_peer_max ({}) of yours are in work",
                                             answering.requests_per_peer_max),
                                 {}});
  } else if (!wanted->is_for_anybody) {
    refusal = check_protocol(service, request);
  }
  if (!refusal) {
    Outcome outcome = co_await wanted->work();
    if (!outcome) refusal = std::move(outcome).error();
  }
  if (refusal) {
    answering.counters.count_refusal(refusal->status, refusal->limit);
    co_await exchange.reply_refusal(*std::move(refusal));
  }
  const std::int64_t ms = service.clock.steady_ms() - began_ms;
  answering.counters.count_request(wanted ? wanted->action : answering.action_none, exchange.status(), ms,
                                   request.content_length().value_or(0) - request.body_bytes_left(),
                                   exchange.sent_bytes());

  exchange.log(LogLevel::debug, "request",
               {{"method", std::string(net::method_name(request.method()))},
                {"target", std::string(request.target())},
                {"status", std::to_string(exchange.status())},
                {"sent_bytes", std::to_string(exchange.sent_bytes())},
                {"ms", std::to_string(ms)},
                {"address", std::string(request.peer_address())}});
}

}  // namespace inxt::serve
