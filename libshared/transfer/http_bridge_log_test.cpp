// SPDX-License-Identifier: AGPL-3.0-or-later
// The clients of logs and shares against a Bridge that answers what it likes.  What a Bridge does with honest
// requests is in bridge/logs_test.cpp and bridge/shares_test.cpp.
#include "transfer/http_bridge_log.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "net/event_loop.h"
#include "net/http_server.h"
#include "transfer/http_bridge_shares.h"

namespace inxt::transfer {
namespace {

using namespace std::chrono_literals;

crypto::SigningKey key_of(std::uint64_t number) {
  crypto::start();
  return crypto::SigningKey::from_seed(crypto::SeededRandom(number).bytes<32>());
}

/// Gives every request the same answer.
class Parrot final : public net::Handler {
 public:
  net::Awaitable<void> handle(net::ServerRequest& request, net::ServerResponse& response) override {
    const Result<Bytes> ignored_body = co_await request.read_all(16u << 20);
    std::vector<net::Header> with = headers;
    const Result<void> ignored = co_await response.send(status, std::move(with), view_of(body));
  }
  int status = 200;
  std::string body;
  std::vector<net::Header> headers;
};

struct World {
  World() : server(loop.executor(), *net::TlsIdentity::make(key_of(1)), parrot), http(loop.executor()) {
    auto bound = server.listen("127.0.0.1:0");
    REQUIRE(bound.has_value());
    BridgePeer peer{.id = key_of(1).public_key(), .addresses = {*bound}};
    client.emplace(http, random, std::move(peer), key_of(2), "");
    log.emplace(*client);
    shares.emplace(*client);
  }
  ~World() {
    http.close_idle();
    loop.run(server.stop(1000ms));
  }
  void answer(int status, std::string body) {
    parrot.status = status;
    parrot.body = std::move(body);
  }
  void head(std::string seq, std::string hash = std::string(64, '1')) {
    parrot.headers.clear();
    parrot.headers.emplace_back("Inxt-Log-Seq", std::move(seq));
    parrot.headers.emplace_back("Inxt-Log-Head", std::move(hash));
  }
  Result<LogPage> page(std::uint64_t after = 0, std::uint32_t limit = 2) {
    return loop.run(log->entries({}, after, limit));
  }

  net::EventLoop loop;
  crypto::SeededRandom random{7};
  Parrot parrot;
  net::HttpServer server;
  net::HttpClient http;
  std::optional<BridgeClient> client;
  std::optional<HttpBridgeLog> log;
  std::optional<HttpBridgeShares> shares;
};

template <class T>
void refused(const Result<T>& answer, Code code, std::string_view part) {
  REQUIRE(!answer);
  CAPTURE(answer.error().what);
  CHECK(answer.error().code == code);
  CHECK(answer.error().what.contains(part));
}

}  // namespace

TEST_CASE("a page that does not fit the question is refused") {
  World world;
  world.head("5");
  world.answer(200, "one\ntwo\n");
  const auto page = world.page();
  REQUIRE(page);
  CHECK(page->entries == std::vector<std::string>{"one", "two"});
  CHECK(page->head.seq == 5);
  world.answer(200, "one\ntwo\nthree\n");
  refused(world.page(), Code::integrity, "more lines");
  world.answer(200, "one\ntwo");
  refused(world.page(), Code::integrity, "newline");
  world.answer(200, "one\ntwo\n");
  refused(world.page(4), Code::integrity, "more lines");  // there is one entry behind 4
  world.answer(200, std::string(format::kEntryLineBytesMax + 1, 'x') + "\n");
  refused(world.page(), Code::integrity, "kEntryLineBytesMax");
  world.answer(200, "");
  refused(world.page(), Code::integrity, "no entry");
  CHECK(world.page(5));
  CHECK(world.page(6));  // the view finds out that the log has been cut
  for (const char* seq : {"", "x", "-1", "5x", "99999999999999999999", "9007199254740992"}) {
    world.head(seq);
    refused(world.page(), Code::integrity, "Inxt-Log-Seq");
  }
  world.head("5", "11");
  refused(world.page(), Code::integrity, "Inxt-Log-Head");
  world.parrot.headers.clear();
  refused(world.page(), Code::integrity, "no Inxt-Log-Seq");
  world.answer(404, R"({"error":"not_found","message":"there is no such log"})");
  CHECK(world.page()->head == format::LogHead{});
}

TEST_CASE("an append's answer that says nothing is no acknowledgement") {
  World world;
  const LogAppend what{.records = {}, .entries = {"an entry"}};
  const auto ask = [&] { return world.loop.run(world.log->append({}, what)); };
  const std::string head = fmt::format(R"("seq":7,"head":"{}")", std::string(64, 'a'));
  world.answer(201, "{" + head + "}\n");
  CHECK(ask()->appended);
  world.answer(409, R"({"error":"integrity","message":"x",)" + head + "}\n");
  CHECK(!ask()->appended);
  CHECK(ask()->head.seq == 7);
  for (const char* odd :
       {"", "{}", "[]", R"({"seq":7})", R"({"seq":7,"head":"a"})", R"({"seq":-1,"head":""})"}) {
    world.answer(200, odd);
    refused(ask(), Code::integrity, "the Bridge's answer");
    world.answer(409, odd);
    refused(ask(), Code::integrity, "the Bridge's answer");
  }
  const LogAppend large{.records = {std::string(kLogAppendBytesMax, 'x')}, .entries = {"an entry"}};
  refused(world.loop.run(world.log->append({}, large)), Code::usage, "kLogAppendBytesMax");
}

TEST_CASE("records, lists and leases are bounded and in order") {
  World world;
  world.answer(200, std::string(format::kRecordLineBytesMax, 'x') + "\n");
  CHECK(world.loop.run(world.log->record({}, {}))->size() == format::kRecordLineBytesMax);
  world.answer(404, "{}");
  CHECK(world.loop.run(world.log->remove_record({}, {})));
  CHECK(world.loop.run(world.shares->revoke({})));
  world.answer(403, "{}");
  CHECK(!world.loop.run(world.log->remove_record({}, {})));
  CHECK(!world.loop.run(world.shares->revoke({})));

  format::ShareInfo first, second;
  first.client = second.client = key_of(3).public_key();
  second.share.bytes.fill(std::byte{1});
  const std::string one = format::write_share_info(first), two = format::write_share_info(second);
  const auto list = [&](std::optional<format::ShareId> after = {}) {
    return world.loop.run(world.shares->list(after, 2));
  };
  world.answer(200, one + two);
  CHECK(list()->size() == 2);
  refused(list(first.share), Code::integrity, "line 1: out of order");
  world.answer(200, two + one);
  refused(list(), Code::integrity, "line 2: out of order");
  world.answer(200, one + two + two);
  refused(list(), Code::integrity, "line 3");
  world.answer(200, "{}\n");
  refused(list(), Code::integrity, "line 1");

  const format::LeaseRequest wanted{.host = {}, .account = {}, .pieces = {{}}};
  world.answer(200, R"({"capability":"a.b.c","lease":"d.e.f","expires":5})");
  CHECK(world.loop.run(world.shares->lease({}, wanted))->lease == "d.e.f");
  world.answer(200, R"({"capability":"a.b.c","expires":5})");
  refused(world.loop.run(world.shares->lease({}, wanted)), Code::integrity, "lease");
}

}  // namespace inxt::transfer
