// SPDX-License-Identifier: AGPL-3.0-or-later
// How a Host reports to Bridges: over real TLS, to servers that answer as the test says.
#include "host/bridges.h"

#include "format/host_report.h"
#include "format/voucher.h"
#include "host/scrub.h"
#include "support/host_world.h"

namespace inxt::host {
namespace {

using namespace inxt::testing;  // NOLINT: tests
using namespace std::chrono_literals;
using net::Awaitable;

/// A Bridge that opens what it gets, and answers as it is told.
class TestBridge final : public net::Handler {
 public:
  explicit TestBridge(std::uint64_t number) : key(key_number(number)) {}

  Awaitable<void> handle(net::ServerRequest& request, net::ServerResponse& response) override {
    ++requests;
    Result<Bytes> body = co_await request.read_all();
    if (!body) co_return;
    if (is_silent) {
      response.begin(200, {}, 10);
      for (int i = 0; i < 2000 && is_silent; ++i) co_await net::sleep_for(50ms);
      co_return;
    }
    if (request.peer_key()) peer = *request.peer_key();
    std::string text = answer(request.path(), text_of(*body));
    const Result<void> sent = co_await response.send(status, {}, view_of(text));
    (void)sent;
  }

  std::string answer(std::string_view path, std::string_view body) {
    status = refused;
    if (refused != 200) return R"({"error":"denied","message":"not today"})";
    if (path == "/v1/hosts") {
      auto read = format::read_registration(body);
      if (!read) return wrong(read.error());
      registrations.push_back(*std::move(read));
      knows_host = true;
      return R"({"registered":true})";
    }
    if (path == "/v1/hosts/heartbeat") {
      auto read = format::read_heartbeat_request(body);
      if (!read) return wrong(read.error());
      auto beat = format::open_heartbeat(read->heartbeat, kNow);
      if (!beat) return wrong(beat.error());
      if (!knows_host) return said(404, "{}");
      if (beat->counter <= last_counter)
        return said(409, fmt::format(R"({{"error":"integrity","counter":{}}})", last_counter));
      last_counter = beat->counter;
      beats.push_back(*std::move(beat));
      if (read->descriptor) descriptors.push_back(*read->descriptor);
      return beat_answer;
    }
    if (path == "/v1/reports") {
      auto report = format::open_report(body, kNow);
      if (!report) return wrong(report.error());
      if (refuses_reports) return said(422, "{}");
      reports.push_back(*std::move(report));
      return R"({"taken":true})";
    }
    return said(500, "{}");
  }
  std::string said(int with, std::string text) {
    status = with;
    return text;
  }
  std::string wrong(const Error& error) {
    errors.push_back(error.what);
    return said(422, "{}");
  }

  crypto::SigningKey key;
  std::string beat_answer = R"({"next_s":60})";
  int refused = 200;  // or what everything is answered with
  bool is_silent = false, knows_host = false, refuses_reports = false;
  std::uint64_t last_counter = 0;

  int requests = 0, status = 200;
  std::optional<crypto::PublicKey> peer;
  std::vector<format::Registration> registrations;
  std::vector<format::Heartbeat> beats;
  std::vector<std::string> descriptors;
  std::vector<format::HostReport> reports;
  std::vector<std::string> errors;
};

/// A Host and one Bridge that it reports to.
struct BridgeWorld : HostWorld {
  explicit BridgeWorld(Setup setup = {}) : HostWorld(setup), bridge(60), service(serve_at(bridge)) {
    http_to_bridge.emplace(loop.executor());
    link = make_link({.operator_name = "Émile & Söhne", .domain = "rack 7", .region = "eu"});
  }
  ~BridgeWorld() {
    bridge.is_silent = false;
    link.reset();
    http_to_bridge.reset();
    loop.run(service->stop(1000ms));
  }

  std::unique_ptr<net::HttpServer> serve_at(TestBridge& to) {
    auto made = std::make_unique<net::HttpServer>(loop.executor(), *net::TlsIdentity::make(to.key), to);
    const auto bound = made->listen("127.0.0.1:0");
    REQUIRE(bound.has_value());
    bridge_address = *bound;
    return made;
  }
  transfer::BridgePeer peer_of(const TestBridge& to) const {
    return {.id = to.key.public_key(), .addresses = {bridge_address}};
  }
  std::unique_ptr<BridgeLink> make_link(format::Declared declared) {
    engine->vouched().set_bridges(std::vector{bridge.key.public_key()});
    auto said =
        std::make_unique<transfer::HttpHostBridge>(*http_to_bridge, random, peer_of(bridge), host_key);
    return std::make_unique<BridgeLink>(*engine, *server, peer_of(bridge), std::move(declared),
                                        std::move(said));
  }
  std::int64_t step_ms() { return loop.run(link->step()).count(); }
  /// Stores a piece of the peer's, whom the Bridge vouched for.
  PieceId store_vouched(std::uint64_t seed) {
    const Bytes body = noise(5000, seed);
    REQUIRE(put(body).status == 201);
    engine->vouched().note(bridge.key.public_key(), peer.id);
    return proof::piece_id_of(body);
  }

  TestBridge bridge;
  std::string bridge_address;
  std::unique_ptr<net::HttpServer> service;
  std::optional<net::HttpClient> http_to_bridge;
  std::unique_ptr<BridgeLink> link;
};

TEST_CASE("a Host registers once, and says how it is every minute") {
  BridgeWorld world;
  const std::int64_t wait_ms = world.step_ms();
  CHECK(wait_ms >= 54'000);
  CHECK(wait_ms < 66'000);
  REQUIRE(world.bridge.registrations.size() == 1);
  const format::Registration& registration = world.bridge.registrations[0];
  CHECK(registration.descriptor.host == world.engine->id());
  CHECK(registration.descriptor.addresses == std::vector<std::string>{"127.0.0.1:4242"});
  CHECK(registration.declared ==
        format::Declared{.operator_name = "Émile & Söhne", .domain = "rack 7", .region = "eu"});
  CHECK(world.bridge.peer == world.host_key.public_key());
  REQUIRE(world.bridge.beats.size() == 1);
  const format::Heartbeat& beat = world.bridge.beats[0];
  CHECK(beat.host == world.engine->id());
  CHECK(beat.bridge == world.bridge.key.public_key());
  CHECK(beat.issued_unix_s == kNow);
  CHECK(beat.capacity_bytes == world.store->stats().capacity_bytes);
  CHECK(beat.used_bytes == 0);
  CHECK(beat.free_bytes > 0);
  CHECK(beat.processors > 0);
  CHECK(beat.memory_bytes > 0);
  CHECK(beat.started_unix_s == kNow);
  CHECK(beat.software == INXT_VERSION);
  CHECK_FALSE(beat.draining);
  CHECK(beat.accounts.empty());
  CHECK(world.bridge.descriptors.empty());  // it has just been registered

  world.bridge.beat_answer = R"({"next_s":20,"more":"x"})";
  CHECK(world.step_ms() < 22'000);
  CHECK(world.bridge.registrations.size() == 1);
  REQUIRE(world.bridge.beats.size() == 2);
  CHECK(world.bridge.beats[1].counter > world.bridge.beats[0].counter);
  CHECK(world.bridge.errors.empty());
  const BridgeStatus status = world.link->status();
  CHECK(status.state == BridgeState::registered);
  CHECK(status.heartbeats == 2);
  CHECK_FALSE(status.is_accepted);
  CHECK(status.heard_unix_s == kNow);
  CHECK_FALSE(status.is_reachable.has_value());
  CHECK(world.logged.find("event=bridge-registered") != std::string::npos);
}

TEST_CASE("what changes is told: addresses, draining, accounts") {
  BridgeWorld world;
  world.step_ms();
  const PieceId piece = world.store_vouched(1);
  world.engine->set_addresses({"127.0.0.1:4243"});
  world.engine->set_draining(true);
  world.step_ms();
  const format::Heartbeat& beat = world.bridge.beats.back();
  CHECK(beat.draining);
  CHECK(beat.free_bytes == 0);
  CHECK(beat.used_bytes > 0);
  CHECK(beat.in_bytes > 5000);
  const std::uint64_t bytes = world.store->account_bytes(world.peer.id);
  CHECK(beat.accounts == std::vector<format::AccountBytes>{{world.peer.id, bytes}});
  REQUIRE(world.bridge.descriptors.size() == 1);
  CHECK(format::open_descriptor(world.bridge.descriptors[0])->addresses ==
        std::vector<std::string>{"127.0.0.1:4243"});
  CHECK(world.link->status().accounts == 1);

  world.step_ms();
  CHECK(world.bridge.beats.back().accounts.empty());
  CHECK(world.bridge.descriptors.size() == 1);
  REQUIRE(world.store->remove(piece, world.peer.id));
  world.step_ms();
  CHECK(world.bridge.beats.back().accounts == std::vector<format::AccountBytes>{{world.peer.id, 0}});
  CHECK(world.link->status().accounts == 0);
  world.clock.advance_ms(13 * 3600 * 1000);  // so that the descriptor that the Bridge has stays fresh
  const auto before = world.bridge.errors.size();
  world.step_ms();
  CHECK(world.bridge.errors.size() == before + 1);  // its clock stands still: told, not hidden
  CHECK(world.link->status().state == BridgeState::failing);
}

TEST_CASE("a Bridge hears soon that the Host retires or pauses, and what it grants is known") {
  BridgeWorld world;
  CHECK_FALSE(world.link->status().is_told);
  world.step_ms();
  CHECK(world.link->status().is_told);
  CHECK_FALSE(world.link->due_early_ms().has_value());
  world.engine->set_absence({.retiring_unix_s = kNow + 86400, .away_until_unix_s = kNow + 7200});
  CHECK_FALSE(world.link->status().is_told);
  const std::int64_t now_ms = world.clock.steady_ms();
  REQUIRE(world.link->due_early_ms().has_value());
  CHECK(*world.link->due_early_ms() > now_ms + 15'000);
  CHECK(*world.link->due_early_ms() < now_ms + 20'000);
  world.bridge.beat_answer = fmt::format(R"({{"next_s":60,"paused_until":{}}})", kNow + 3600);
  world.step_ms();
  const format::Heartbeat& beat = world.bridge.beats.back();
  CHECK(beat.retiring_unix_s == kNow + 86400);
  CHECK(beat.away_until_unix_s == kNow + 7200);
  CHECK(beat.draining);
  CHECK(beat.free_bytes == 0);
  CHECK(world.link->status().is_told);
  CHECK(world.link->status().paused_until_unix_s == kNow + 3600);
  CHECK_FALSE(world.link->due_early_ms().has_value());

  // However often a Bridge forgets the Host, it is not asked without a pause.
  world.engine->set_absence({.retiring_unix_s = kNow + 86401});
  for (int i = 0; i < 3; ++i) {
    world.bridge.knows_host = false;
    world.clock.advance_ms(100'000);
    world.step_ms();
    REQUIRE(world.link->due_early_ms().has_value());
    CHECK(*world.link->due_early_ms() > world.clock.steady_ms() + 15'000);
  }
  world.clock.advance_ms(-300'000);

  // What is over is not said any more.
  world.engine->set_absence({.away_until_unix_s = kNow});
  world.bridge.beat_answer = R"({"next_s":60})";
  world.step_ms();
  CHECK(world.bridge.beats.back().retiring_unix_s == 0);
  CHECK(world.bridge.beats.back().away_until_unix_s == 0);
  CHECK_FALSE(world.bridge.beats.back().draining);
  CHECK(world.link->status().paused_until_unix_s == 0);
  // One that does not answer is not asked sooner than the others.
  world.bridge.refused = 503;
  world.step_ms();
  world.engine->set_absence({.retiring_unix_s = kNow + 5});
  CHECK_FALSE(world.link->due_early_ms().has_value());
}

TEST_CASE("a Bridge that forgot the Host hears all of it again; one that heard later goes on from there") {
  BridgeWorld world;
  world.store_vouched(1);
  world.step_ms();
  world.step_ms();
  CHECK(world.bridge.beats.back().accounts.empty());
  world.bridge.knows_host = false;
  CHECK(world.step_ms() > 50'000);
  CHECK(world.bridge.registrations.size() == 2);
  CHECK(world.bridge.beats.size() == 2);  // the next in its time
  CHECK(world.step_ms() > 50'000);
  CHECK(world.bridge.beats.back().accounts.size() == 1);
  CHECK(world.logged.find("event=bridge-forgot") != std::string::npos);

  const std::uint64_t later = world.bridge.last_counter + 1'000'000'000;
  world.bridge.last_counter = later;  // before the Host's clock was set back
  const std::size_t beats = world.bridge.beats.size();
  CHECK(world.step_ms() <= plan::kHeartbeatBackoffMs);
  CHECK(world.step_ms() > 50'000);
  CHECK(world.bridge.beats.size() == beats + 1);
  CHECK(world.bridge.beats.back().counter == later + 1);
  CHECK(world.bridge.registrations.size() == 2);
}

TEST_CASE("a Bridge that is away, or says no, is asked ever less, and told of once in the log") {
  BridgeWorld world;
  world.bridge.refused = 403;
  std::int64_t last_ms = 0;
  for (int i = 0; i < 8; ++i) last_ms = world.step_ms();
  CHECK(last_ms >= plan::kHeartbeatBackoffMsMax / 2);
  BridgeStatus status = world.link->status();
  CHECK(status.state == BridgeState::failing);
  CHECK(status.trouble.find("not today") != std::string::npos);
  CHECK(status.failures == 8);
  CHECK(status.failing_unix_s == kNow);
  CHECK(status.heard_unix_s == 0);
  const auto count = [&](std::string_view text) {
    std::size_t found = 0;
    for (std::size_t at = world.logged.find(text); at != std::string::npos;
         at = world.logged.find(text, at + 1))
      ++found;
    return found;
  };
  CHECK(count("level=error event=bridge-failed") == 1);
  CHECK(world.put(noise(5000, 1)).status == 201);  // the Host is none the worse
  world.bridge.refused = 200;
  world.step_ms();
  CHECK(world.link->status().state == BridgeState::registered);
  CHECK(world.link->status().failures == 0);
  CHECK(count("event=bridge-back") == 1);
  for (const char* nonsense : {"", "[]", "{\"next_s\":-1}", "{\"reachable\":1}", "{\"next_s\":60} x"}) {
    CAPTURE(nonsense);
    world.bridge.beat_answer = nonsense;
    CHECK(world.step_ms() <= plan::kHeartbeatBackoffMsMax);
    CHECK(world.link->status().state == BridgeState::failing);
  }
}

TEST_CASE("what the Bridge sees from outside is shown, and logged when it changes") {
  BridgeWorld world;
  world.bridge.beat_answer =
      R"({"next_s":60,"reachable":false,"checked":1799999990,"reason":"no answer at 127.0.0.1:4242\u001b[1m"})";
  world.step_ms();
  world.step_ms();
  BridgeStatus status = world.link->status();
  CHECK(status.is_reachable == false);
  CHECK(status.looked_unix_s == 1'799'999'990);
  CHECK(status.reach_reason.starts_with("no answer at"));
  const std::size_t at = world.logged.find("level=error event=not-reachable");
  REQUIRE(at != std::string::npos);
  CHECK(world.logged.find("event=not-reachable", at + 30) == std::string::npos);
  CHECK(world.logged.find('\x1b') == std::string::npos);
  world.bridge.beat_answer = R"({"next_s":60,"reachable":true,"checked":1799999995})";
  world.step_ms();
  status = world.link->status();
  CHECK(status.is_reachable == true);
  CHECK(status.reach_reason.empty());
  CHECK(world.logged.find("event=bridge-reaches-host") != std::string::npos);
}

TEST_CASE("what the scrub finds is reported to the Bridge that vouched for its account, and to no other") {
  BridgeWorld world;
  const PieceId piece = world.store_vouched(1);
  const Bytes of_nobody = noise(6000, 2);
  format::Offer offer = world.offer_for(of_nobody);
  offer.account = world.stranger.id;
  Options options = world.engine->options();
  options.accept = AcceptList::any();
  options.scrub.period_s = 1;
  world.engine->set_options(options);
  REQUIRE(
      world.put(offer.piece, of_nobody, *format::sign_offer(offer, world.stranger.key), &world.stranger.tls)
          .status == 201);
  world.damage(piece, 100);
  const std::string other = world.folder.path() + "/pieces/" + offer.piece.hex().substr(0, 3) + "/" +
                            offer.piece.hex() + "-" + world.stranger.id.hex();
  fs::resize_file(other, 4096);
  world.step_ms();
  const auto scrub = [&]() -> Awaitable<void> {
    Scrub scrubbing(*world.engine, *world.directory);
    co_await scrubbing.begin();
    for (int i = 0; i < 100 && world.engine->scrub_report().findings.size() < 2; ++i) {
      (void)co_await scrubbing.step();
      world.clock.advance_ms(100);
    }
  };
  world.loop.run(scrub());
  REQUIRE(world.engine->scrub_report().findings.size() == 2);
  CHECK(world.link->status().reports_waiting == 1);
  SUBCASE("once") {
    world.step_ms();
    REQUIRE(world.bridge.reports.size() == 1);
    CHECK(world.bridge.reports[0].piece == piece);
    CHECK(world.bridge.reports[0].account == world.peer.id);
    CHECK(world.bridge.reports[0].kind == format::ReportKind::lost);
    world.step_ms();
    CHECK(world.bridge.reports.size() == 1);
    CHECK(world.link->status().reports == 1);
    CHECK(world.link->status().reports_waiting == 0);
  }
  SUBCASE("not when it was stored again meanwhile") {
    REQUIRE(world.put(noise(5000, 1)).status == 201);
    world.step_ms();
    CHECK(world.bridge.reports.empty());
    CHECK(world.link->status().reports_waiting == 0);
  }
  SUBCASE("later, when the Bridge was away") {
    world.bridge.refused = 500;
    world.step_ms();
    CHECK(world.link->status().reports_waiting == 1);
    world.bridge.refused = 200;
    world.step_ms();
    CHECK(world.bridge.reports.size() == 1);
  }
  SUBCASE("not again when the Bridge will not have it") {
    world.bridge.refuses_reports = true;
    world.step_ms();
    CHECK(world.link->status().reports_waiting == 0);
    CHECK(world.link->status().reports_dropped == 1);
  }
}

TEST_CASE("a Host without an address, or one that rebuilds its index, waits with what it cannot say") {
  BridgeWorld world;
  world.engine->set_addresses({});
  CHECK(world.step_ms() == kNoAddressWaitMs);
  CHECK(world.bridge.requests == 0);
  CHECK(world.link->status().state == BridgeState::waiting);
  world.engine->set_addresses({"127.0.0.1:4242"});
  CHECK(world.step_ms() > 50'000);
  CHECK(world.link->status().state == BridgeState::registered);
}

TEST_CASE("a silent Bridge keeps neither the Host nor another Bridge waiting; settings are read again") {
  BridgeWorld world;
  world.link.reset();
  TestBridge other(61);
  const std::string first_address = world.bridge_address;
  const auto other_service = world.serve_at(other);
  const transfer::BridgePeer silent{.id = world.bridge.key.public_key(), .addresses = {first_address}};
  const transfer::BridgePeer well{.id = other.key.public_key(), .addresses = {world.bridge_address}};
  TestBridge another(62);
  const auto another_service = world.serve_at(another);
  const transfer::BridgePeer third{.id = another.key.public_key(), .addresses = {world.bridge_address}};
  world.bridge.is_silent = true;
  {
    serve::Background background(world.loop.executor());
    Bridges bridges(world.loop.executor(), *world.engine, *world.server);
    bridges.set({.bridges = {silent, well}, .declared = {}});
    bridges.start(background);
    const auto until = [&](auto condition) -> Awaitable<void> {
      for (int i = 0; i < 3000 && !condition(); ++i) {
        world.clock.advance_ms(10);
        co_await net::sleep_for(10ms);
      }
    };
    world.loop.run(until([&] { return !other.beats.empty() && world.bridge.requests > 0; }));
    CHECK(other.beats.size() == 1);
    CHECK(world.bridge.requests > 0);
    CHECK(world.put(noise(5000, 1)).status == 201);
    auto status = bridges.status();
    REQUIRE(status.size() == 2);
    CHECK(status[0].bridge == silent.id);
    CHECK(status[0].state == BridgeState::starting);
    CHECK(status[1].state == BridgeState::registered);
    CHECK(world.engine->vouched().is_for(silent.id));

    // One takes the place of the silent one at once; the other stays as it was and registers no second time.
    const auto began = std::chrono::steady_clock::now();
    bridges.set({.bridges = {third, well}, .declared = {}});
    CHECK(bridges.status().size() == 2);
    world.loop.run(until([&] { return !another.beats.empty(); }));
    CHECK(another.beats.size() == 1);
    CHECK(std::chrono::steady_clock::now() - began < 30s);  // half of what a silent one is waited for
    CHECK(world.bridge.is_silent);
    bridges.set({.bridges = {well}, .declared = {}});
    CHECK(bridges.status().size() == 1);
    CHECK(bridges.status()[0].heartbeats == 1);
    CHECK_FALSE(world.engine->vouched().is_for(silent.id));
    // Another declaration: it registers anew.
    bridges.set({.bridges = {well}, .declared = {.operator_name = "x", .domain = {}, .region = {}}});
    world.loop.run(until([&] { return other.registrations.size() == 2; }));
    REQUIRE(other.registrations.size() == 2);
    CHECK(other.registrations[1].declared.operator_name == "x");
    world.bridge.is_silent = false;
    bridges.set({.bridges = {}, .declared = {}});
    world.loop.run(background.stop());
  }
  world.loop.run(other_service->stop(1000ms));
  world.loop.run(another_service->stop(1000ms));
}

TEST_CASE("reports wait for each Bridge apart, the latest of too many") {
  PieceReports reports;
  const crypto::PublicKey a = key_number(1).public_key(), b = key_number(2).public_key();
  const auto report = [](std::uint32_t number) {
    PieceReport made;
    std::ranges::copy(big_endian(number), made.piece.bytes.begin());
    return made;
  };
  for (std::uint32_t i = 0; i < kReportsWaitingMax + 10; ++i) reports.add(report(i), std::vector{a});
  reports.add(report(5000), std::vector{a, b});
  reports.add(report(5000), std::vector{a, b});  // it waits already
  CHECK(reports.waiting(a) == kReportsWaitingMax);
  CHECK(reports.dropped(a) == 11);
  CHECK(reports.waiting(b) == 1);
  CHECK(*reports.next(a) == report(11));
  reports.pop(a);
  CHECK(*reports.next(a) == report(12));
  reports.pop(b);
  CHECK(reports.next(b) == nullptr);
  reports.forget(a);
  CHECK(reports.waiting(a) == 0);
}

}  // namespace
}  // namespace inxt::host
