// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/host.h"

#include <fmt/format.h>

#include <charconv>

#include "format/descriptor.h"
#include "host/exchange.h"
#include "host/routes.h"

namespace inxt::host {

namespace {

/// Counts a peer's requests while it lives.
class InWork {
 public:
  InWork(std::map<std::string, std::size_t, std::less<>>& requests_of, std::string peer)
      : requests_of_(requests_of) {
    entry_ = requests_of_.try_emplace(std::move(peer), 0).first;
    ++entry_->second;
  }
  InWork(const InWork&) = delete;
  InWork& operator=(const InWork&) = delete;
  ~InWork() {
    if (--entry_->second == 0) requests_of_.erase(entry_);
  }
  std::size_t requests() const { return entry_->second; }

 private:
  std::map<std::string, std::size_t, std::less<>>& requests_of_;
  std::map<std::string, std::size_t, std::less<>>::iterator entry_;
};

/// A peer that speaks only later protocols is told which ones are spoken here.
std::optional<Refusal> check_protocol(const net::ServerRequest& request) {
  const auto header = request.header("Inxt-Protocol");
  if (!header) return std::nullopt;
  std::uint64_t asked = 0;
  const char* end = header->data() + header->size();
  const auto [behind, error] = std::from_chars(header->data(), end, asked);
  if (error == std::errc{} && behind == end && asked >= 1 && asked <= kProtocol) return std::nullopt;
  Refusal refusal(400, Error{Code::usage, fmt::format("this Host speaks protocol {}", kProtocol),
                             "ask again without Inxt-Protocol, or with one of `protocol`"});
  refusal.members = fmt::format(",\"protocol\":[{}]", kProtocol);
  return refusal;
}

net::Awaitable<Outcome> dispatch(Exchange& exchange, Route route) {
  switch (route.action) {
    case Action::health:
      return get_health(exchange);
    case Action::descriptor:
      return get_descriptor(exchange);
    case Action::put_piece:
      return put_piece(exchange, route.piece);
    case Action::get_piece:
      return get_piece(exchange, route.piece);
    case Action::head_piece:
      return head_piece(exchange, route.piece);
    case Action::remove_piece:
      return remove_piece(exchange, route.piece);
    case Action::get_contract:
      return get_contract(exchange, route.piece);
    case Action::list_contracts:
      return list_contracts(exchange);
    case Action::audit:
      return answer_audit(exchange);
  }
  std::unreachable();
}

}  // namespace

Host::Host(Parts parts, Options options, AcceptList accept)
    : parts_(parts),
      options_(std::move(options)),
      accept_(std::move(accept)),
      id_{parts.key.public_key()},
      buffers_(options_.limits.buffer_bytes_max) {}

net::Awaitable<void> Host::handle(net::ServerRequest& request, net::ServerResponse& response) {
  const std::int64_t began_ms = parts_.clock.steady_ms();
  Exchange exchange(*this, request, response);
  const InWork in_work(requests_of_, accept_.counted_as(request.peer_key(), request.peer_address()));

  std::optional<Refusal> refusal;
  const std::expected<Route, Refusal> found = route(request.method(), request.path());
  if (!found) {
    refusal = found.error();
  } else if (in_work.requests() > options_.limits.requests_per_peer_max) {
    refusal = Refusal(429, Error{Code::try_again,
                                 fmt::format("requests_per_peer_max ({}) of yours are in work",
                                             options_.limits.requests_per_peer_max),
                                 {}});
  } else if (found->action != Action::health && found->action != Action::descriptor) {
    refusal = check_protocol(request);
  }
  if (!refusal) {
    Outcome outcome = co_await dispatch(exchange, *found);
    if (!outcome) refusal = std::move(outcome).error();
  }
  if (refusal) co_await exchange.reply_refusal(*std::move(refusal));

  exchange.log(LogLevel::debug, "request",
               {{"method", std::string(net::method_name(request.method()))},
                {"target", std::string(request.target())},
                {"status", std::to_string(exchange.status())},
                {"sent_bytes", std::to_string(exchange.sent_bytes())},
                {"ms", std::to_string(parts_.clock.steady_ms() - began_ms)},
                {"address", std::string(request.peer_address())}});
}

Result<std::string> Host::descriptor_line() {
  const std::int64_t now_ms = parts_.clock.steady_ms();
  if (!descriptor_.empty() && now_ms - descriptor_made_ms_ < options_.limits.descriptor_ms)
    return descriptor_;
  const store::Stats stats = parts_.store.stats();
  const std::int64_t now_s = parts_.clock.unix_s();
  const format::Descriptor descriptor{.host = id_,
                                      .software = INXT_VERSION,
                                      .addresses = options_.addresses,
                                      .capacity_bytes = stats.capacity_bytes,
                                      .free_bytes = stats.free_bytes,
                                      .price = options_.price,
                                      .term_seconds_max = options_.term_seconds_max,
                                      .issued_unix_s = now_s,
                                      .expires_unix_s = now_s + kDescriptorDays * 86400};
  const std::string token = TRY(format::sign_descriptor(descriptor, parts_.key));
  descriptor_ = format::hosts_line(descriptor, token);
  descriptor_made_ms_ = now_ms;
  return descriptor_;
}

}  // namespace inxt::host
