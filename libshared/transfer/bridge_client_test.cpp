// SPDX-License-Identifier: LGPL-3.0-or-later
// The client of a Bridge against a server that answers as the test says: real sockets, real TLS.
#include "transfer/bridge_client.h"

#include <doctest/doctest.h>

#include <deque>

#include "crypto/random.h"
#include "net/event_loop.h"
#include "net/http_server.h"
#include "transfer/refusal.h"

namespace inxt::transfer {
namespace {

using namespace std::chrono_literals;
using net::Awaitable;

crypto::SigningKey key_of(std::uint64_t number) {
  crypto::start();
  crypto::SeededRandom random(number);
  return crypto::SigningKey::from_seed(random.bytes<32>());
}

net::TlsIdentity identity_of(std::uint64_t number) {
  auto identity = net::TlsIdentity::make(key_of(number));
  REQUIRE(identity.has_value());
  return *std::move(identity);
}

struct Scripted {
  int status = 200;
  std::string body = {};
  std::vector<net::Header> headers = {};
  bool silent = false;  // ends the connection without an answer
  bool slow = false;    // a byte now and then
};

class Bridge final : public net::Handler {
 public:
  Awaitable<void> handle(net::ServerRequest& request, net::ServerResponse& response) override {
    ++requests;
    permit = std::string(request.header("Inxt-Permit").value_or(""));
    peer = request.peer_key();
    target = std::string(request.target());
    Result<Bytes> got = co_await request.read_all();
    if (got) body = std::string(text_of(*got));
    Scripted next;
    if (!answers.empty()) {
      next = answers.front();
      answers.pop_front();
    }
    if (next.silent) {
      response.begin(200, {}, 10);  // and never a byte of it
      co_return;
    }
    if (next.slow) {
      response.begin(200, {}, 1000);
      const std::string byte = "x";
      for (Result<void> sent; sent;) {
        sent = co_await response.send_part(view_of(byte));
        co_await net::sleep_for(10ms);
      }
      co_return;
    }
    const std::string text = next.body;
    const Result<void> ignored = co_await response.send(next.status, next.headers, view_of(text));
  }
  std::deque<Scripted> answers;
  int requests = 0;
  std::string permit, target, body;
  std::optional<crypto::PublicKey> peer;
};

struct World {
  World() : server(loop.executor(), identity_of(1), bridge), http(loop.executor()) {
    auto bound = server.listen("127.0.0.1:0");
    REQUIRE(bound.has_value());
    address = *bound;
  }
  ~World() {
    http.close_idle();
    loop.run(server.stop(1000ms));
  }
  BridgeClient client(std::string permit = "a.b.c~d.e.f", std::uint64_t expected = 1) {
    BridgePeer peer{.id = key_of(expected).public_key(), .addresses = {address}};
    return BridgeClient(http, random, std::move(peer), key_of(2), std::move(permit));
  }
  Result<BridgeAnswer> ask(BridgeClient& client, BridgeRequest request) {
    return loop.run(client.ask(std::move(request)));
  }
  Result<BridgeAnswer> post(std::string body, bool is_repeatable = true, std::vector<int> expected = {}) {
    auto to = client();
    BridgeRequest request(net::Method::post, "/v1/placements");
    request.body = std::move(body);
    request.is_repeatable = is_repeatable;
    request.expected_statuses = std::move(expected);
    return ask(to, std::move(request));
  }

  net::EventLoop loop;
  crypto::SeededRandom random{7};
  Bridge bridge;
  net::HttpServer server;
  net::HttpClient http;
  std::string address;
};

TEST_CASE("a request carries the permits and the account's key") {
  World world;
  world.bridge.answers.push_back({.status = 201, .body = "{\"placement\":\"00\"}\n"});
  const auto answer = world.post("{\"bytes\":1}");
  REQUIRE(answer.has_value());
  CHECK(answer->status == 201);
  CHECK(answer->line() == "{\"placement\":\"00\"}");
  CHECK(world.bridge.permit == "a.b.c~d.e.f");
  CHECK(world.bridge.target == "/v1/placements");
  CHECK(world.bridge.body == "{\"bytes\":1}");
  CHECK(world.bridge.peer == key_of(2).public_key());
}

TEST_CASE("refusals are errors with the table's codes, a busy Bridge is asked again") {
  World world;
  world.bridge.answers.push_back(
      {.status = 507, .body = R"({"error":"quota","message":"over quota: 5 of 4 bytes"})"});
  const auto quota = world.post("{}");
  REQUIRE_FALSE(quota.has_value());
  CHECK(quota.error().code == Code::quota);
  CHECK(quota.error().what.find("over quota: 5 of 4 bytes") != std::string::npos);

  for (const auto& [status, code] : {std::pair{403, Code::denied},
                                     {404, Code::not_found},
                                     {400, Code::usage},
                                     {409, Code::integrity},
                                     {500, Code::failure}}) {
    world.bridge.answers.push_back({.status = status});
    const auto refused = world.post("{}");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == code);
  }
  CHECK(world.bridge.requests == 6);

  world.bridge.answers.push_back(
      {.status = 503, .body = R"({"error":"try_again","message":"m","retry_after_ms":20})"});
  world.bridge.answers.push_back({.status = 429, .headers = {{"Retry-After", "0"}}});
  world.bridge.answers.push_back({.status = 200, .body = "{}"});
  CHECK(world.post("{}", false).has_value());
  CHECK(world.bridge.requests == 9);

  // Left alone for longer than anybody waits: told, not waited for.
  world.bridge.answers.push_back({.status = 503, .headers = {{"Retry-After", "3600"}}});
  const auto later = world.post("{}");
  REQUIRE_FALSE(later.has_value());
  CHECK(later.error().code == Code::try_again);
  CHECK(world.bridge.requests == 10);
}

TEST_CASE("an expected status is an answer") {
  World world;
  world.bridge.answers.push_back({.status = 409, .body = R"({"seq":4})"});
  const auto answer = world.post("{}", true, {409});
  REQUIRE(answer.has_value());
  CHECK(answer->status == 409);
  CHECK(answer->line() == R"({"seq":4})");
}

TEST_CASE("a lost answer is asked for again only where that is safe") {
  World world;
  world.bridge.answers.push_back({.silent = true});
  world.bridge.answers.push_back({.body = "{}"});
  CHECK(world.post("{}").has_value());
  CHECK(world.bridge.requests >= 2);

  const int before = world.bridge.requests;
  world.bridge.answers = {{.silent = true}, {.body = "{}"}};
  world.http.close_idle();
  const auto lost = world.post("{}", false);
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error().code == Code::try_again);
  CHECK(world.bridge.requests == before + 1);
}

TEST_CASE("a Bridge that gives a byte now and then is not waited for") {
  World world;
  auto client = world.client();
  world.bridge.answers = {{.slow = true}};
  BridgeRequest request(net::Method::post, "/v1/logs/00");
  request.answer_ms = 200;
  request.is_repeatable = false;
  const auto answer = world.ask(client, std::move(request));
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Code::try_again);
  CHECK(answer.error().what.find("kBridgeAnswerMs") != std::string::npos);
}

TEST_CASE("a Bridge is its key, and too many permits are not sent") {
  World world;
  auto other = world.client("", 3);
  const auto refused = world.ask(other, BridgeRequest(net::Method::get, "/v1/account"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::denied);
  CHECK(world.bridge.requests == 0);

  auto heavy = world.client(std::string(kPermitHeaderBytesMax + 1, 'a'));
  const auto long_permit = world.ask(heavy, BridgeRequest(net::Method::get, "/v1/account"));
  REQUIRE_FALSE(long_permit.has_value());
  CHECK(long_permit.error().code == Code::usage);
  CHECK(long_permit.error().what.find("kPermitHeaderBytesMax") != std::string::npos);
}

}  // namespace
}  // namespace inxt::transfer
