// SPDX-License-Identifier: LGPL-3.0-or-later
// What hostile peers do: one side is bytes written by hand over TLS.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "support/net_world.h"

namespace inxt::net {
namespace {

using Script = Awaitable<void> (*)(TlsStream&);

/// Accepts `connections` connections, one after another, and lets `script` speak on each.
struct HandMadeServer {
  HandMadeServer(EventLoop& loop, Script script, int connections = 1) : acceptor(loop.executor()) {
    const tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
    acceptor.open(any.protocol());
    acceptor.bind(any);
    acceptor.listen();
    spawn(loop.executor(), run(this, script, connections));
  }
  static Awaitable<void> run(HandMadeServer* self, Script script, int connections) {
    for (int i = 0; i < connections; ++i) {
      tcp::socket socket = co_await self->acceptor.async_accept(asio::use_awaitable);
      auto stream = std::make_shared<TlsStream>(std::move(socket), self->identity, TlsRole::server);
      const Result<void> shaken = co_await stream->handshake();
      if (shaken) co_await script(*stream);
      ++self->ended;
    }
  }
  Endpoint endpoint() {
    return {to_address("127.0.0.1", acceptor.local_endpoint().port()), identity.public_key()};
  }

  TlsIdentity identity = identity_of(4);
  tcp::acceptor acceptor;
  int ended = 0;
};

Awaitable<void> take_request(TlsStream& stream) {
  Bytes buffer(4096);
  const auto ignored = co_await stream.read_some(buffer);
}

Awaitable<void> say(TlsStream& stream, std::string_view text) {
  const auto ignored = co_await stream.write(view_of(text), ByteView());
}

std::string error_of_answer(Script script, ClientLimits limits = {}, const Ask& ask = {}) {
  EventLoop loop;
  HandMadeServer server(loop, script);
  HttpClient client(loop.executor(), limits);
  const auto answer = loop.run(client.send(server.endpoint(), ask.request()));
  if (answer) return "";
  CHECK(answer.error().code == Code::try_again);
  CHECK(client.counters().idle == 0);
  return answer.error().what;
}

bool contains(const std::string& text, std::string_view part) {
  CAPTURE(text);
  const bool found = text.find(part) != std::string::npos;
  CHECK(found);
  return found;
}

TEST_CASE("a server that breaks its promise is told apart") {
  contains(error_of_answer([](TlsStream& s) -> Awaitable<void> {
             co_await take_request(s);
             co_await say(s, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
           }),
           "closed after 5 of 10 bytes");
  contains(error_of_answer([](TlsStream& s) -> Awaitable<void> {
             co_await take_request(s);
             co_await say(s, "HTTP/1.1 200 OK\r\nContent-");
           }),
           "within the head");
  contains(error_of_answer([](TlsStream& s) -> Awaitable<void> { co_await take_request(s); }),
           "before an answer");
  contains(error_of_answer([](TlsStream& s) -> Awaitable<void> {
             co_await take_request(s);
             co_await say(s, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
           }),
           "Transfer-Encoding");
  contains(error_of_answer([](TlsStream& s) -> Awaitable<void> {
             co_await take_request(s);
             co_await say(s, "HTTP/1.1 200 OK\r\nA: " + std::string(9000, 'a') + "\r\n\r\n");
           }),
           "header_bytes_max");
  contains(error_of_answer([](TlsStream& s) -> Awaitable<void> {
             co_await take_request(s);
             for (int i = 0; i < 20; ++i) co_await say(s, "HTTP/1.1 103 Early Hints\r\n\r\n");
           }),
           "no final status");
}

TEST_CASE("an impostor does not get to see who calls") {
  static int shaken;
  shaken = 0;
  EventLoop loop;
  HandMadeServer impostor(loop, [](TlsStream&) -> Awaitable<void> {
    ++shaken;
    co_return;
  }, 2);
  HttpClient client(loop.executor());
  const TlsIdentity account = identity_of(7);
  Endpoint endpoint = impostor.endpoint();
  endpoint.identity = &account;
  endpoint.expected_key = identity_of(5).public_key();
  const auto refused = loop.run(client.send(endpoint, {}));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::denied);
  run_until(loop, [&] { return impostor.ended == 1; });
  CHECK(shaken == 0);  // a client that had shown its certificate would have ended the handshake well

  endpoint.expected_key = impostor.identity.public_key();
  const auto answer = loop.run(client.send(endpoint, {}));
  CHECK_FALSE(answer.has_value());  // this server says nothing
  run_until(loop, [&] { return impostor.ended == 2; });
  CHECK(shaken == 1);
}

TEST_CASE("bytes after an answer end the connection, not the answer") {
  EventLoop loop;
  HandMadeServer server(loop, [](TlsStream& s) -> Awaitable<void> {
    co_await take_request(s);
    co_await say(s, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n");
  });
  HttpClient client(loop.executor());
  const auto answer = loop.run(client.send(server.endpoint(), {}));
  REQUIRE(answer.has_value());
  CHECK(text_of(answer->body) == "ok");
  CHECK(client.counters().idle == 0);
}

TEST_CASE("silence is no progress, one byte at a time is") {
  const auto silent = error_of_answer(
      [](TlsStream& s) -> Awaitable<void> {
        co_await take_request(s);
        co_await sleep_for(300ms);
      },
      {.no_progress_ms = 60});
  contains(silent, "no progress for 60 ms (no_progress_ms)");
  const auto start = std::chrono::steady_clock::now();
  const auto slow = error_of_answer(
      [](TlsStream& s) -> Awaitable<void> {
        co_await take_request(s);
        co_await say(s, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
        for (int i = 0; i < 8; ++i) {
          co_await sleep_for(150ms);
          co_await say(s, "x");
        }
      },
      {.no_progress_ms = 1000});
  CHECK(slow == "");
  CHECK(std::chrono::steady_clock::now() - start >= 1200ms);
}

TEST_CASE("a head or a small body that drips is cut off by answer_ms, a body with a room of its own is not") {
  const Script dripping_head = [](TlsStream& s) -> Awaitable<void> {
    co_await take_request(s);
    co_await say(s, "HTTP/1.1 200 OK\r\nX: ");
    for (int i = 0; i < 40; ++i) {
      co_await sleep_for(20ms);
      co_await say(s, "x");
    }
  };
  contains(error_of_answer(dripping_head, {.no_progress_ms = 2000, .answer_ms = 150}), "answer_ms");
  const Script dripping_body = [](TlsStream& s) -> Awaitable<void> {
    co_await take_request(s);
    co_await say(s, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n");
    for (int i = 0; i < 20; ++i) {
      co_await sleep_for(20ms);
      co_await say(s, "x");
    }
  };
  contains(error_of_answer(dripping_body, {.no_progress_ms = 2000, .answer_ms = 150}), "answer_ms");
  Bytes room(20);
  CHECK(error_of_answer(dripping_body, {.no_progress_ms = 2000, .answer_ms = 150}, {.into = room}) == "");
}

TEST_CASE("a server that does not read makes no progress either") {
  const Bytes body = noise(8 * 1024 * 1024);
  contains(error_of_answer([](TlsStream&) -> Awaitable<void> { co_await sleep_for(500ms); },
                           {.no_progress_ms = 100}, {.method = Method::put, .body = body}),
           "no_progress_ms");
}

TEST_CASE("a peer that accepts and says nothing is given up on after connect_ms") {
  EventLoop loop;
  tcp::acceptor acceptor(loop.executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  HttpClient client(loop.executor(), {.connect_ms = 50});
  const auto answer =
      loop.run(client.send({to_address("127.0.0.1", acceptor.local_endpoint().port()), std::nullopt}, {}));
  REQUIRE_FALSE(answer.has_value());
  contains(answer.error().what, "connect_ms");
}

TEST_CASE("a kept connection that dies under a request is tried once more") {
  EventLoop loop;
  HandMadeServer server(
      loop,
      [](TlsStream& s) -> Awaitable<void> {
        co_await take_request(s);
        co_await say(s, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        co_await take_request(s);  // and closes without an answer
      },
      3);
  HttpClient client(loop.executor());
  CHECK(loop.run(client.send(server.endpoint(), {}))->new_connection);
  const auto second = loop.run(client.send(server.endpoint(), {}));
  REQUIRE(second.has_value());
  CHECK(second->new_connection);
  CHECK(client.counters().resent == 1);
  CHECK(client.counters().connections == 2);
}

Awaitable<std::shared_ptr<TlsStream>> connect_raw(World* world) {
  const HostPort where = *parse_address(world->address);
  auto stream = std::make_shared<TlsStream>(tcp::socket(world->loop.executor()), world->client_identity,
                                            TlsRole::client);
  const tcp::endpoint to(asio::ip::make_address(where.host), where.port);
  const Result<void> connected = co_await stream->connect(to);
  if (!connected) co_return nullptr;
  const Result<void> shaken = co_await stream->handshake();
  if (!shaken) co_return nullptr;
  co_return stream;
}

/// The next bytes; nothing at the end.
Awaitable<std::string> hear(TlsStream& stream) {
  Bytes buffer(4096);
  const Result<std::size_t> count = co_await stream.read_some(buffer);
  co_return std::string(text_of(ByteView(buffer).first(count.value_or(0))));
}

/// What `bytes`, sent as they are, are answered with, until the server closes; nothing is waited for when
/// `leave`.
Awaitable<std::string> ask_raw(World* world, std::string bytes, std::chrono::milliseconds between,
                               bool leave = false) {
  const std::shared_ptr<TlsStream> stream = co_await connect_raw(world);
  if (!stream) co_return "no connection";
  const std::size_t step = between.count() == 0 ? bytes.size() : 1;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const Result<void> said = co_await stream->write(view_of(bytes).subspan(at, step), ByteView());
    if (!said) break;
    if (step == 1) co_await sleep_for(between);
  }
  std::string answer;
  while (!leave) {
    const std::string more = co_await hear(*stream);
    if (more.empty()) break;
    answer += more;
  }
  co_return answer;
}

TEST_CASE("bad requests are answered and the connection ends") {
  World world;
  const auto ask = [&](std::string bytes) { return world.loop.run(ask_raw(&world, std::move(bytes), 0ms)); };
  contains(ask("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx"),
           "HTTP/1.1 400 ");
  contains(ask("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
           "HTTP/1.1 411 ");
  contains(ask("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n"), "HTTP/1.1 400 ");
  contains(ask("GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n"), "HTTP/1.1 400 ");
  contains(ask("GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(9000, 'a') + "\r\n\r\n"), "HTTP/1.1 431 ");
  contains(ask(std::string(100000, 'a')), "HTTP/1.1 431 ");
  contains(ask("PATCH / HTTP/1.1\r\nHost: h\r\n\r\n"), "HTTP/1.1 405 ");
  CHECK(world.server.counters().requests == 0);
  CHECK(world.server.counters().refused == 7);
}

TEST_CASE("requests in one write are answered in order") {
  World world;
  world.shelf.stored = copy_of(view_of("first"));
  const std::string answer =
      world.loop.run(ask_raw(&world,
                             "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
                             "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nsecond"
                             "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                             0ms));
  const auto first = answer.find("first");
  const auto kept = answer.find("kept");
  const auto second = answer.find("second");
  CHECK(first < kept);
  CHECK(kept < second);
  CHECK(second != std::string::npos);
}

TEST_CASE("a head that drips is cut off by header_ms, a body that drips is not") {
  World world({.header_ms = 150, .no_progress_ms = 200});
  const std::string request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  CHECK(world.loop.run(ask_raw(&world, request, 10ms)) == "");
  CHECK(world.server.counters().requests == 0);

  const bool fine = world.loop.run([](World* w) -> Awaitable<bool> {
    const std::shared_ptr<TlsStream> stream = co_await connect_raw(w);
    if (!stream) co_return false;
    co_await say(*stream, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\n");
    for (int i = 0; i < 8; ++i) {
      co_await sleep_for(40ms);
      co_await say(*stream, "x");
    }
    const std::string answer = co_await hear(*stream);
    co_return answer.starts_with("HTTP/1.1 201 ");
  }(&world));
  CHECK(fine);
}

TEST_CASE("a peer that stops within a body is given up on") {
  World world({.no_progress_ms = 200});
  const std::string begun = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\nxx";
  CHECK(world.loop.run(ask_raw(&world, begun, 0ms)) == "");
  CHECK(world.shelf.broken_bodies == 1);
  world.loop.run(ask_raw(&world, begun, 0ms, true));
  run_until(world.loop, [&] { return world.shelf.broken_bodies == 2; });
}

TEST_CASE("expectations: 100 Continue comes when the body is wanted, and only then") {
  World world;
  const std::string said = world.loop.run([](World* w) -> Awaitable<std::string> {
    const std::shared_ptr<TlsStream> stream = co_await connect_raw(w);
    if (!stream) co_return "";
    co_await say(*stream, "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
    std::string all = co_await hear(*stream);
    co_await say(*stream, "x");
    all += co_await hear(*stream);
    co_return all;
  }(&world));
  CHECK(said.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 "));
  CHECK(world.shelf.stored == copy_of(view_of("x")));
  const std::string unwanted = world.loop.run(ask_raw(
      &world, "PUT /refuse HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n", 0ms));
  CHECK(unwanted.starts_with("HTTP/1.1 507 "));
}

TEST_CASE("other certificates than one Ed25519 key, and other TLS, get nowhere") {
  if (std::system("command -v openssl >/dev/null && command -v curl >/dev/null") != 0) return;
  World world;
  world.shelf.stored = copy_of(view_of("over curl"));
  const std::string folder = fmt::format("/tmp/inxt-net-test-{}", ::getpid());
  const auto shell = [&](const std::string& command) {
    int status = -1;
    std::atomic<bool> done = false;
    std::thread runner([&] {
      status = std::system(("cd " + folder + " && " + command).c_str());
      done = true;
    });
    run_until(world.loop, [&] { return done.load(); });
    runner.join();
    return status;
  };
  REQUIRE(std::system(("mkdir -m 700 " + folder).c_str()) == 0);
  const std::string url = "https://" + world.address;
  CHECK(shell("curl -sk " + url + "/ -o a && test \"$(cat a)\" = 'over curl'") == 0);
  CHECK_FALSE(world.shelf.last_peer.has_value());
  CHECK(shell("openssl req -x509 -newkey ed25519 -nodes -keyout k -out c -subj /CN=x -days 1 2>/dev/null") ==
        0);
  CHECK(shell("curl -sk --cert c --key k " + url + "/ -o a && test \"$(cat a)\" = 'over curl'") == 0);
  CHECK(world.shelf.last_peer.has_value());
  CHECK(shell("head -c 2000000 /dev/zero > big && curl -sk --cert c --key k -T big " + url + "/x -o a") == 0);
  CHECK(world.shelf.stored == Bytes(2000000));
  CHECK(shell("test \"$(cat a)\" = kept && curl -sk -I " + url + "/x | grep -qi 'content-length: 2000000'") ==
        0);
  CHECK(shell("cat big | curl -sk -T - " + url + "/x -o /dev/null -w '%{http_code}' > s; grep -q 411 s") ==
        0);
  // Another kind of key is none: curl finds nothing to sign with that we asked for.
  CHECK(
      shell("openssl req -x509 -newkey rsa:2048 -nodes -keyout rk -out rc -subj /CN=x -days 1 2>/dev/null") ==
      0);
  CHECK(shell("curl -sk --cert rc --key rk " + url + "/ -o a") == 0);
  CHECK_FALSE(world.shelf.last_peer.has_value());
  // A chain of two is refused, whoever signed it.
  const auto requests = world.server.counters().requests;
  CHECK(shell("cat c rc > two && curl -sk --cert two --key k " + url + "/ -o a 2>/dev/null") != 0);
  CHECK(shell("curl -sk --tls-max 1.2 " + url + "/ -o a 2>/dev/null") != 0);
  CHECK(world.server.counters().requests == requests);
  REQUIRE(std::system(("rm -r " + folder).c_str()) == 0);
}

TEST_CASE("the server outlives a lack of descriptors") {
  World world;
  CHECK(world.get().has_value());
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next = ::dup(0);
  ::close(next);
  // One more descriptor: the client's socket gets it, the server's accept does not.
  const rlimit tight{static_cast<rlim_t>(next) + 1, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
  const TlsIdentity other = identity_of(9);
  Endpoint as_other = world.endpoint();
  as_other.identity = &other;
  std::optional<Result<Response>> answer;
  spawn(world.loop.executor(),
        [](World& w, Endpoint to, std::optional<Result<Response>>& out) -> Awaitable<void> {
          Request request;
          out.emplace(co_await w.client.send(std::move(to), std::move(request)));
        }(world, as_other, answer));
  world.loop.run(sleep_for(50ms));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  run_until(world.loop, [&] { return answer.has_value(); });
  CHECK(answer->has_value());
  CHECK(world.get().has_value());
}

}  // namespace
}  // namespace inxt::net
