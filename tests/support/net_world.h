// SPDX-License-Identifier: AGPL-3.0-or-later
// A server and a client of the net room on one event loop, over real sockets and real TLS.
#pragma once

#include <doctest/doctest.h>

#include <boost/asio/ip/tcp.hpp>
#include <stdexcept>

#include "crypto/random.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/tls_stream.h"

namespace inxt::net {

using namespace std::chrono_literals;
using asio::ip::tcp;

inline TlsIdentity identity_of(std::uint64_t number) {
  crypto::start();
  crypto::SeededRandom random(number);
  auto identity = TlsIdentity::make(crypto::SigningKey::from_seed(random.bytes<32>()));
  REQUIRE(identity.has_value());
  return *std::move(identity);
}

inline Bytes noise(std::size_t size, std::uint64_t seed = 1) {
  Bytes bytes(size);
  crypto::SeededRandom(seed).fill(bytes);
  return bytes;
}

/// Runs the loop until `done`; in a test that waits in vain this fails after a minute.
template <class Condition>
void run_until(EventLoop& loop, Condition done) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!done()) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    loop.run(sleep_for(1ms));
  }
}

/// Keeps what is PUT and gives it back; paths of other kinds for what a test needs.
class Shelf final : public Handler {
 public:
  Awaitable<void> handle(ServerRequest& request, ServerResponse& response) override {
    last_peer = request.peer_key();
    last_address = std::string(request.peer_address());
    if (request.path() == "/slow") {
      co_await sleep_for(std::chrono::milliseconds(slow_ms));
      ++slow_done;
    }
    if (request.path() == "/silent") co_return;
    if (request.path() == "/throw") throw std::runtime_error("a handler's bug");
    if (request.path() == "/refuse") {
      const Result<void> ignored = co_await response.send(507, {}, view_of("full"));
      co_return;
    }
    if (request.method() == Method::put) {
      Bytes body(request.content_length().value_or(0));
      std::size_t done = 0;
      for (;;) {
        const Result<std::size_t> count = co_await request.read_some(ByteSpan(body).subspan(done));
        if (!count) {
          ++broken_bodies;
          co_return;
        }
        if (*count == 0) break;
        done += *count;
      }
      stored = std::move(body);
      std::vector<Header> headers;
      headers.push_back({"Inxt-Test", "yes"});
      const Result<void> ignored = co_await response.send(201, std::move(headers), view_of("kept"));
      co_return;
    }
    if (request.path() == "/length" && request.method() == Method::head) {
      const Result<void> ignored = co_await response.send_head(200, {}, 2097152);
      co_return;
    }
    const Result<void> ignored = co_await response.send(200, {}, stored);
  }

  Bytes stored;
  std::optional<crypto::PublicKey> last_peer;
  std::string last_address;
  int slow_ms = 50;
  int slow_done = 0;
  int broken_bodies = 0;
};

struct Ask {
  Method method = Method::get;
  std::string target = "/";
  ByteView body = {};
  ByteSpan into = {};
  std::size_t response_bytes_max = kJsonBodyBytesMax;

  Request request() const {
    Request made(method, target);
    made.body = body;
    made.into = into;
    made.response_bytes_max = response_bytes_max;
    return made;
  }
};

struct World {
  explicit World(ServerLimits server_limits = {}, ClientLimits client_limits = {})
      : server(loop.executor(), server_identity, shelf, server_limits),
        client(loop.executor(), client_limits) {
    auto bound = server.listen("127.0.0.1:0");
    REQUIRE(bound.has_value());
    address = *bound;
  }
  ~World() {
    client.close_idle();
    loop.run(server.stop(1000ms));
    CHECK(server.counters().connections_now == 0);
  }

  Endpoint endpoint() const { return {address, server_identity.public_key(), &client_identity}; }
  Result<Response> send(const Ask& ask) { return loop.run(client.send(endpoint(), ask.request())); }
  Result<Response> get(std::string target = "/") { return send({.target = std::move(target)}); }

  EventLoop loop;
  TlsIdentity server_identity = identity_of(1);
  TlsIdentity client_identity = identity_of(2);
  Shelf shelf;
  HttpServer server;
  HttpClient client;
  std::string address;
};

}  // namespace inxt::net
