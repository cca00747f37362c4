// SPDX-License-Identifier: LGPL-3.0-or-later
// Client and server against each other: real sockets, real TLS, one event loop.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "base/encoding.h"
#include "crypto/random.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/race.h"
#include "net/tls_stream.h"

namespace inxt::net {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;

TlsIdentity identity_of(std::uint64_t number) {
  crypto::start();
  crypto::SeededRandom random(number);
  auto identity = TlsIdentity::make(crypto::SigningKey::from_seed(random.bytes<32>()));
  REQUIRE(identity.has_value());
  return *std::move(identity);
}

Bytes noise(std::size_t size, std::uint64_t seed = 1) {
  Bytes bytes(size);
  crypto::SeededRandom(seed).fill(bytes);
  return bytes;
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

TEST_CASE("bodies of 0 bytes to 2 MiB go there and back") {
  World world;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{8192}, std::size_t{16385}, std::size_t{2097152}}) {
    const Bytes body = noise(size, size);
    auto put = world.send({.method = Method::put, .target = "/x", .body = body});
    REQUIRE(put.has_value());
    CHECK(put->status == 201);
    CHECK(put->header("inxt-test") == "yes");
    CHECK(text_of(put->body) == "kept");
    CHECK(world.shelf.stored == body);

    Bytes room(size);
    auto got = world.send({.target = "/x", .into = room});
    REQUIRE(got.has_value());
    CHECK(got->status == 200);
    CHECK(got->body_bytes == size);
    CHECK(got->body.empty());
    CHECK(room == body);
    CHECK(got->peer_key == world.server_identity.public_key());
    CHECK(got->time_to_first_byte.count() > 0);

    auto bounded = world.send({.target = "/x", .response_bytes_max = size});
    REQUIRE(bounded.has_value());
    CHECK(bounded->body == body);

    auto head = world.send({.method = Method::head, .target = "/x"});
    REQUIRE(head.has_value());
    CHECK(head->header("content-length") == std::to_string(size));
    CHECK(head->body_bytes == 0);
  }
  auto head = world.send({.method = Method::head, .target = "/length"});
  REQUIRE(head.has_value());
  CHECK(head->header("content-length") == "2097152");
  CHECK(world.shelf.last_peer == world.client_identity.public_key());
  CHECK(world.shelf.last_address == "127.0.0.1");
  CHECK(world.client.counters().connections == 1);
  CHECK(world.client.counters().reused == 20);
  CHECK(world.client.counters().resent == 0);
}

TEST_CASE("a peer is its key: another one is refused and both are named") {
  World world;
  Endpoint wrong = world.endpoint();
  wrong.expected_key = identity_of(3).public_key();
  const auto refused = world.loop.run(world.client.send(wrong, {}));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::denied);
  CHECK(refused.error().what.find(to_hex(*wrong.expected_key)) != std::string::npos);
  CHECK(refused.error().what.find(to_hex(world.server_identity.public_key())) != std::string::npos);
  CHECK(world.server.counters().requests == 0);

  Endpoint any = world.endpoint();
  any.expected_key.reset();
  any.identity = nullptr;
  const auto taken = world.loop.run(world.client.send(any, {}));
  REQUIRE(taken.has_value());
  CHECK(taken->peer_key == world.server_identity.public_key());
  CHECK_FALSE(world.shelf.last_peer.has_value());  // no certificate is none

  const auto reused =
      world.loop.run(world.client.send(wrong, {}));  // a kept connection does not get around it
  CHECK_FALSE(reused.has_value());
}

TEST_CASE("connections are kept per account") {
  World world;
  const TlsIdentity other = identity_of(9);
  Endpoint as_other = world.endpoint();
  as_other.identity = &other;
  CHECK(world.get()->new_connection);
  CHECK_FALSE(world.get()->new_connection);
  auto first = world.loop.run(world.client.send(as_other, {}));
  REQUIRE(first.has_value());
  CHECK(first->new_connection);
  CHECK(world.shelf.last_peer == other.public_key());
  CHECK_FALSE(world.get()->new_connection);
  CHECK(world.shelf.last_peer == world.client_identity.public_key());
  CHECK(world.client.counters().idle == 2);
}

TEST_CASE("an identity is the same certificate every time") {
  CHECK(identity_of(5).certificate_pem() == identity_of(5).certificate_pem());
  CHECK(identity_of(5).certificate_pem() != identity_of(6).certificate_pem());
  auto nobody = TlsIdentity::anonymous();
  REQUIRE(nobody.has_value());
  CHECK(nobody->is_anonymous());
}

TEST_CASE("an answer larger than its limit is refused by name and the connection is not kept") {
  World world;
  world.shelf.stored = noise(5000);
  auto bounded = world.send({.response_bytes_max = 4999});
  REQUIRE_FALSE(bounded.has_value());
  CHECK(bounded.error().code == Code::try_again);
  CHECK(bounded.error().what.find("response_bytes_max") != std::string::npos);
  Bytes room(4999);
  auto into = world.send({.into = room});
  REQUIRE_FALSE(into.has_value());
  CHECK(into.error().what.find("room") != std::string::npos);
  CHECK(world.client.counters().idle == 0);
}

TEST_CASE("an error's body does not go into the room for data") {
  World world;
  Bytes room(100, std::byte{7});
  auto refused = world.send({.target = "/refuse", .into = room});
  REQUIRE(refused.has_value());
  CHECK(refused->status == 507);
  CHECK(text_of(refused->body) == "full");
  CHECK(room == Bytes(100, std::byte{7}));
}

TEST_CASE("an answer before the body is read arrives, however large the body") {
  World world;
  for (const std::size_t size : {std::size_t{100}, std::size_t{60000}, std::size_t{2097152}}) {
    const Bytes body = noise(size);
    auto refused = world.send({.method = Method::put, .target = "/refuse", .body = body});
    REQUIRE(refused.has_value());
    CHECK(refused->status == 507);
    auto again = world.get();
    REQUIRE(again.has_value());
    CHECK(again->new_connection == (size > 65536));  // small bodies are drained
  }
}

TEST_CASE("a handler that forgets to answer, or throws, is answered for") {
  World world;
  for (const auto target : {"/silent", "/throw"}) {
    auto answer = world.get(target);
    REQUIRE(answer.has_value());
    CHECK(answer->status == 500);
    CHECK(text_of(answer->body).find("\"failure\"") != std::string::npos);
  }
}

TEST_CASE("200 requests at once") {
  World world;
  world.shelf.stored = noise(20000);
  int good = 0;
  const auto one = [](World& w, int& counted) -> Awaitable<void> {
    Request request;
    request.target = "/slow";
    const Result<Response> answer = co_await w.client.send(w.endpoint(), std::move(request));
    if (answer && answer->body == w.shelf.stored) ++counted;
  };
  for (int i = 0; i < 200; ++i) spawn(world.loop.executor(), one(world, good));
  while (good < 200 && world.shelf.slow_done <= 200) world.loop.run(sleep_for(10ms));
  CHECK(good == 200);
  CHECK(world.client.counters().idle == 8);  // idle_connections_per_peer_max
}

TEST_CASE("more requests than requests_max are told to come back") {
  World world({.requests_max = 1});
  spawn(world.loop.executor(), [](World& w) -> Awaitable<void> {
    Request request;
    request.target = "/slow";
    const auto ignored = co_await w.client.send(w.endpoint(), std::move(request));
  }(world));
  while (world.server.counters().requests_now == 0) world.loop.run(sleep_for(1ms));
  auto refused = world.get();
  REQUIRE(refused.has_value());
  CHECK(refused->status == 503);
  CHECK(refused->header("retry-after") == "1");
  while (world.shelf.slow_done == 0) world.loop.run(sleep_for(1ms));
  CHECK(world.get()->status == 200);
}

TEST_CASE("connections past the limit of one address are closed") {
  World world({.connections_per_address_max = 2});
  world.shelf.slow_ms = 100;
  int good = 0;
  int bad = 0;
  const auto one = [](World& w, int& fine, int& failed) -> Awaitable<void> {
    Request request;
    request.target = "/slow";
    const auto answer = co_await w.client.send(w.endpoint(), std::move(request));
    ++(answer ? fine : failed);
  };
  for (int i = 0; i < 5; ++i) spawn(world.loop.executor(), one(world, good, bad));
  while (good + bad < 5) world.loop.run(sleep_for(5ms));
  CHECK(good == 2);
  CHECK(bad == 3);
  CHECK(world.server.counters().refused == 3);
}

TEST_CASE("at connections_max the longest idle connection makes room") {
  World world({.connections_max = 1});
  const TlsIdentity other = identity_of(9);
  Endpoint as_other = world.endpoint();
  as_other.identity = &other;
  for (int i = 0; i < 3; ++i) {
    CHECK(world.get().has_value());
    CHECK(world.loop.run(world.client.send(as_other, {})).has_value());
  }
}

TEST_CASE("a cancelled request closes its connection, and nothing stays") {
  World world;
  world.shelf.slow_ms = 500;
  const auto start = std::chrono::steady_clock::now();
  const bool timed_out = world.loop.run([](World& w) -> Awaitable<bool> {
    Request request;
    request.target = "/slow";
    auto raced = co_await (w.client.send(w.endpoint(), std::move(request)) || sleep_for(20ms));
    co_return raced.index() == 1;
  }(world));
  CHECK(timed_out);
  CHECK(std::chrono::steady_clock::now() - start < 400ms);
  CHECK(world.client.counters().idle == 0);
  while (world.server.counters().connections_now > 0) world.loop.run(sleep_for(5ms));
  CHECK(world.shelf.slow_done == 1);
}

TEST_CASE("a connection the server has closed is replaced unseen") {
  World world({.idle_ms = 30});
  CHECK(world.get()->new_connection);
  world.loop.run(sleep_for(80ms));
  auto again = world.get();
  REQUIRE(again.has_value());
  CHECK(again->new_connection);
  CHECK(world.server.counters().connections == 2);
}

TEST_CASE("stop lets what is in flight end, and cuts off what takes longer than grace") {
  for (const auto grace : {1000ms, 20ms}) {
    World world;
    world.shelf.slow_ms = 100;
    std::optional<Result<Response>> answer;
    spawn(world.loop.executor(), [](World& w, std::optional<Result<Response>>& out) -> Awaitable<void> {
      Request request;
      request.target = "/slow";
      out.emplace(co_await w.client.send(w.endpoint(), std::move(request)));
    }(world, answer));
    while (world.server.counters().requests_now == 0) world.loop.run(sleep_for(1ms));
    CHECK(world.shelf.slow_done == 0);
    world.loop.run(world.server.stop(grace));
    CHECK(world.shelf.slow_done == 1);  // the handler is never torn away
    while (!answer) world.loop.run(sleep_for(1ms));
    CHECK(answer->has_value() == (grace == 1000ms));
    const auto after = world.get();
    REQUIRE_FALSE(after.has_value());
    CHECK(after.error().code == Code::try_again);
  }
}

TEST_CASE("nobody there, bad addresses and bad headers are errors") {
  World world;
  Endpoint nowhere = world.endpoint();
  nowhere.address = "127.0.0.1:1";
  auto refused = world.loop.run(world.client.send(nowhere, {}));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::try_again);
  CHECK(refused.error().what.find("127.0.0.1:1") != std::string::npos);
  nowhere.address = "127.0.0.1";
  CHECK(world.loop.run(world.client.send(nowhere, {})).error().code == Code::usage);
  CHECK(world.get("no-slash").error().code == Code::usage);
  Request smuggle;
  smuggle.headers.push_back({"A", "b\r\nC: d"});
  CHECK(world.loop.run(world.client.send(world.endpoint(), smuggle)).error().code == Code::usage);
  Endpoint named = world.endpoint();
  named.address = "localhost:" + std::to_string(parse_address(world.address)->port);
  CHECK(world.loop.run(world.client.send(named, {})).has_value());
  CHECK(world.server.listen("localhost:0").error().code == Code::usage);
  CHECK(world.server.listen(world.address).error().code == Code::failure);
}

// What hostile peers do: one side is bytes written by hand over TLS.

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
          co_await sleep_for(50ms);
          co_await say(s, "x");
        }
      },
      {.no_progress_ms = 300});
  CHECK(slow == "");
  CHECK(std::chrono::steady_clock::now() - start >= 400ms);
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
  World world({.no_progress_ms = 50});
  CHECK(world.loop.run(ask_raw(&world, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\nxx", 0ms)) ==
        "");
  CHECK(world.shelf.broken_bodies == 1);
  world.loop.run(ask_raw(&world, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\nxx", 0ms, true));
  while (world.shelf.broken_bodies < 2) world.loop.run(sleep_for(1ms));
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
    while (!done) world.loop.run(sleep_for(2ms));
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
  while (!answer) world.loop.run(sleep_for(5ms));
  CHECK(answer->has_value());
  CHECK(world.get().has_value());
}

// Not run by default: test_net -tc="throughput*" -ns.  Client and server on a thread each.
TEST_CASE("throughput of 2 MiB bodies" * doctest::skip()) {
  EventLoop server_loop;
  Shelf shelf;
  const TlsIdentity server_identity = identity_of(1);
  const TlsIdentity client_identity = identity_of(2);
  HttpServer server(server_loop.executor(), server_identity, shelf);
  const std::string address = *server.listen("127.0.0.1:0");
  std::thread serving([&] { server_loop.run(); });
  EventLoop loop;
  HttpClient client(loop.executor());
  const Endpoint endpoint{address, server_identity.public_key(), &client_identity};
  Bytes body = noise(2097152);
  constexpr int kBodies = 1000;
  const auto many = [](HttpClient& c, Endpoint to, Method method, ByteSpan bytes, int count,
                       int& done) -> Awaitable<void> {
    for (int i = 0; i < count; ++i) {
      Request request;
      request.method = method;
      if (method == Method::put)
        request.body = bytes;
      else
        request.into = bytes;
      const Result<Response> answer = co_await c.send(to, std::move(request));
      CHECK(answer.has_value());
      ++done;
    }
  };
  for (const int at_once : {1, 4}) {
    for (const Method method : {Method::put, Method::get}) {
      int done = 0;
      std::vector<Bytes> rooms(at_once, body);
      const auto start = std::chrono::steady_clock::now();
      for (int i = 0; i < at_once; ++i)
        spawn(loop.executor(), many(client, endpoint, method, rooms[i], kBodies / at_once, done));
      loop.run();
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      MESSAGE(fmt::format("{} {} at once: {:.2f} GB/s", method_name(method), at_once,
                          done * 2.097152e-3 / took.count()));
      CHECK(done == kBodies);
    }
  }
  const auto start = std::chrono::steady_clock::now();
  int done = 0;
  shelf.stored.clear();
  for (int i = 0; i < 16; ++i)
    spawn(loop.executor(), many(client, endpoint, Method::head, ByteSpan(), 1000, done));
  loop.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  MESSAGE(fmt::format("empty requests, 16 at once: {:.0f} a second", done / took.count()));
  client.close_idle();
  server_loop.stop();
  serving.join();
}

}  // namespace
}  // namespace inxt::net
