// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/look_up.h"

#include <fmt/core.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/resolve.h"

namespace inxt::net {
namespace {

using asio::ip::tcp;
using SteadyClock = std::chrono::steady_clock;

struct Lookup {
  explicit Lookup(const Executor& executor) : resolver(executor), ready(executor) {}
  tcp::resolver resolver;
  asio::steady_timer ready;
  std::vector<tcp::endpoint> endpoints;
  boost::system::error_code error = asio::error::timed_out;
};

}  // namespace

Awaitable<Result<std::vector<tcp::endpoint>>> resolve(Executor executor, HostPort where,
                                                      SteadyClock::time_point until) {
  boost::system::error_code error;
  const auto literal = asio::ip::make_address(where.host, error);
  if (!error) co_return std::vector<tcp::endpoint>{tcp::endpoint(literal, where.port)};
  auto lookup = std::make_shared<Lookup>(executor);
  lookup->ready.expires_at(until);
  lookup->resolver.async_resolve(
      where.host, std::to_string(where.port),
      [lookup](boost::system::error_code failed, tcp::resolver::results_type found) {
        lookup->error = failed;
        for (const auto& entry : found) lookup->endpoints.push_back(entry.endpoint());
        lookup->ready.cancel();
      });
  boost::system::error_code ignored;
  co_await lookup->ready.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (lookup->error == asio::error::timed_out) lookup->resolver.cancel();
  if (lookup->error) co_return fail(Code::try_again, fmt::format("no address: {}", lookup->error.message()));
  co_return std::move(lookup->endpoints);
}

Awaitable<Result<std::vector<std::string>>> look_up(HostPort where, std::chrono::milliseconds time) {
  const auto executor = co_await asio::this_coro::executor;
  CO_TRY(const std::vector<tcp::endpoint> found,
         co_await resolve(executor, std::move(where), SteadyClock::now() + time));
  std::vector<std::string> out;
  for (const auto& endpoint : found) {
    if (out.size() == kLookUpAddressesMax) break;
    out.push_back(to_address(endpoint.address().to_string(), endpoint.port()));
  }
  co_return out;
}

}  // namespace inxt::net
