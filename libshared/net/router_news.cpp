// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/router_news.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/redirect_error.hpp>

namespace inxt::net {

namespace {

using asio::ip::udp;
constexpr std::uint16_t kNewsPort = 5350;
constexpr std::chrono::seconds kAfterError{10};

}  // namespace

struct RouterNews::State {
  explicit State(const Executor& executor) : socket(executor) {}
  udp::socket socket;
};

RouterNews::RouterNews(const Executor& executor) : state_(std::make_unique<State>(executor)) {
  udp::socket socket(executor);
  boost::system::error_code error;
  if (socket.open(udp::v4(), error); error) return;
  if (socket.set_option(udp::socket::reuse_address(true), error); error) return;
  if (socket.bind(udp::endpoint(udp::v4(), kNewsPort), error); error) return;
  state_->socket = std::move(socket);  // every machine hears 224.0.0.1 without joining
}

RouterNews::~RouterNews() = default;

bool RouterNews::hears() const {
  return state_->socket.is_open();
}

Awaitable<std::string> RouterNews::next() {
  std::array<char, 64> datagram;
  for (;;) {
    udp::endpoint from;
    boost::system::error_code error;
    const std::size_t bytes = co_await state_->socket.async_receive_from(
        asio::buffer(datagram), from, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      co_await sleep_for(kAfterError);
      continue;
    }
    if (bytes >= 4) co_return from.address().to_string();  // NAT-PMP's have 12 bytes, PCP's more
  }
}

}  // namespace inxt::net
