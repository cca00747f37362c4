// SPDX-License-Identifier: AGPL-3.0-or-later
// A Bridge as its peers see it: a real database, real sockets, real TLS, and a clock that is moved by hand.
#pragma once

#include "bridge/bridge.h"
#include "bridge/directory.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "support/bridge_rows.h"
#include "transfer/bridge_client.h"

namespace inxt::testing {

template <class World>
class BridgeWorld {
 public:
  BridgeWorld() : database(open(world)), key(key_number(kBridgeNumber)) {
    crypto::start();
    make_tables(*database);
    workers.emplace(net::WorkerLimits{.threads = 2, .queued_max = 64});
    auto made = DirectoryParts{.executor = loop.executor(),
                               .database = *database,
                               .workers = *workers,
                               .clock = clock,
                               .random = random,
                               .log = log,
                               .key = key};
    directory = *Directory::make(made, DirectoryOptions{});
    Options options;
    options.addresses = {"127.0.0.1:4252"};
    bridge.emplace(Parts{*database, *workers, clock, random, key, log, *directory}, std::move(options));
    server.emplace(loop.executor(), *net::TlsIdentity::make(key), *bridge);
    const auto bound = server->listen("127.0.0.1:0");
    REQUIRE(bound.has_value());
    address = *bound;
    http.emplace(loop.executor());
  }
  ~BridgeWorld() {
    http.reset();
    loop.run(server->stop(std::chrono::milliseconds(2000)));
  }

  /// The client of the key of this number, with a chain of permits.
  transfer::BridgeClient client(std::uint64_t number, std::string permits) {
    transfer::BridgePeer peer{.id = key.public_key(), .addresses = {address}};
    return transfer::BridgeClient(*http, random, std::move(peer), key_number(number), std::move(permits));
  }
  transfer::BridgeClient owner(std::uint64_t number) { return client(number, root_permit(number)); }

  template <class T>
  T run(net::Awaitable<T> coroutine) {
    return loop.run(std::move(coroutine));
  }
  /// The same where it must not fail.
  template <class T>
  T get(net::Awaitable<Result<T>> coroutine) {
    Result<T> done = loop.run(std::move(coroutine));
    if (!done) FAIL(done.error().what);
    if constexpr (!std::is_void_v<T>) return *std::move(done);
  }

  World world;
  std::unique_ptr<database::Database> database;
  sys::ManualClock clock{kNow};
  crypto::SeededRandom random{9};
  crypto::SigningKey key;
  std::string logged;
  serve::Log log{clock, serve::LogLevel::debug, [this](std::string_view line) { logged += line; }};
  net::EventLoop loop;
  std::optional<net::WorkerPool> workers;
  std::unique_ptr<Directory> directory;
  std::optional<bridge::Bridge> bridge;
  std::optional<net::HttpServer> server;
  std::optional<net::HttpClient> http;
  std::string address;
};

inline void check_error(const Error& error, Code code, std::string_view part) {
  CAPTURE(error.what);
  CHECK(error.code == code);
  CHECK(error.what.contains(part));
}

}  // namespace inxt::testing
