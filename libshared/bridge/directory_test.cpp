// SPDX-License-Identifier: AGPL-3.0-or-later
// Registrations, heartbeats, lists and reports, over real TLS.
#include "bridge/directory.h"

#include <nlohmann/json.hpp>

#include "bridge/bridge.h"
#include "format/bridge_capability.h"
#include "format/host_report.h"
#include "format/inventory_lines.h"
#include "net/event_loop.h"
#include "support/bridge_hosts.h"

namespace inxt::bridge {
namespace {

using namespace inxt::testing;
using net::Method;

constexpr int kReader = 900;

class DirectoryWorld : public HostsWorld<SqliteWorld> {
 public:
  explicit DirectoryWorld(DirectoryOptions options = local_options()) : background_(loop.executor()) {
    crypto::start();
    directory = *Directory::make({.executor = loop.executor(),
                                  .database = database(),
                                  .workers = workers,
                                  .clock = clock,
                                  .random = random,
                                  .log = log,
                                  .key = key},
                                 options);
    directory->start(background_, /*measures=*/false);
    engine.emplace(Parts{.database = database(),
                         .workers = workers,
                         .clock = clock,
                         .random = random,
                         .key = key,
                         .log = log,
                         .directory = *directory},
                   Options{.addresses = {"127.0.0.1:1"}, .limits = {}});
    server.emplace(loop.executor(), *net::TlsIdentity::make(key), *engine);
    address = server->listen("127.0.0.1:0").value();
    http.emplace(loop.executor());
  }
  ~DirectoryWorld() {
    http.reset();
    loop.run(server->stop(std::chrono::milliseconds(1000)));
    loop.run(background_.stop());
  }

  static DirectoryOptions local_options() {
    DirectoryOptions out;
    out.private_addresses = PrivateAddresses::allow;
    return out;
  }

  net::Response ask(Method method, std::string target, std::optional<int> as, std::string_view body = {},
                    std::vector<net::Header> headers = {}) {
    std::optional<net::TlsIdentity> identity;
    if (as) identity = *net::TlsIdentity::make(host_key(*as));
    net::Request request(method, std::move(target));
    request.body = view_of(body);
    request.headers = std::move(headers);
    request.response_bytes_max = 4u << 20;
    auto response = loop.run(http->send(
        net::Endpoint(address, key.public_key(), identity ? &*identity : nullptr), std::move(request)));
    if (!response) FAIL(response.error().what);
    return *std::move(response);
  }
  net::Response enlist_over_wire(int number, const format::Registration& given) {
    const auto body =
        format::write_registration(format::hosts_line(given.descriptor, given.token), given.declared);
    return ask(Method::post, "/v1/hosts", number, body.value());
  }
  format::Heartbeat heartbeat(int number, std::uint64_t counter) const {
    format::Heartbeat out;
    out.host = host_id(number);
    out.bridge = key.public_key();
    out.counter = counter;
    out.issued_unix_s = clock.unix_s();
    out.capacity_bytes = out.free_bytes = 1000;
    return out;
  }
  net::Response beat_over_wire(int as, const format::Heartbeat& heartbeat, int signer,
                               std::optional<std::string> descriptor = {}) {
    clock.advance_ms(kBeatIntervalS * 1000);
    const auto body = format::write_heartbeat_request(
        {.heartbeat = format::sign_heartbeat(heartbeat, host_key(signer)).value(),
         .descriptor = std::move(descriptor)});
    return ask(Method::post, "/v1/hosts/heartbeat", as, body);
  }
  std::string permit(int holder, format::Abilities can) {
    format::Permit permit;
    permit.issuer = permit.bridge = key.public_key();
    permit.holder = AccountId{host_key(holder).public_key()};
    permit.can = can;
    permit.quota_bytes = 1000;
    permit.issued_unix_s = kHostsNow;
    permit.expires_unix_s = kHostsNow + 86400;
    return format::sign_permit(permit, key).value();
  }

  sys::ManualClock clock{kHostsNow};
  crypto::SeededRandom random{1};
  crypto::SigningKey key = host_key(999);
  std::string logged;
  serve::Log log{clock, serve::LogLevel::info, [this](std::string_view line) { logged += line; }};
  net::EventLoop loop;
  net::WorkerPool workers;
  std::unique_ptr<Directory> directory;
  std::optional<Bridge> engine;
  std::optional<net::HttpServer> server;
  std::optional<net::HttpClient> http;
  std::string address;

 private:
  serve::Background background_;
};

std::string message_of(const net::Response& response) {
  auto text = text_of(response.body);
  while (text.ends_with('\n')) text.remove_suffix(1);
  const auto json = format::parse_object(text, net::kJsonBodyBytesMax);
  return json && json->contains("message") ? json->at("message").get<std::string>() : std::string(text);
}

bool says(const net::Response& response, int status, std::string_view part) {
  const auto message = message_of(response);
  const bool holds = response.status == status && message.find(part) != std::string::npos;
  if (!holds) MESSAGE(response.status << ": " << message);
  return holds;
}

}  // namespace

TEST_CASE("a Host registers with its own key, and with no other") {
  DirectoryWorld world;
  const auto given = registration_of(1);
  const auto first = world.enlist_over_wire(1, given);
  CHECK(first.status == 201);
  CHECK(text_of(first.body) == "{\"next_s\":60}\n");
  CHECK(world.enlist_over_wire(1, given).status == 200);
  CHECK(says(world.enlist_over_wire(2, given), 403, "another Host"));
  CHECK(says(world.enlist_over_wire(1, registration_of(1, kHostsNow - 5)), 409, "newer descriptor"));
  CHECK(says(world.enlist_over_wire(1, registration_of(1, kHostsNow - 10 * 86400)), 403, "expired"));
  CHECK(says(world.ask(Method::post, "/v1/hosts", 1, "{}"), 400, "line: missing"));
  CHECK(says(world.ask(Method::post, "/v1/hosts", 1, std::string(format::kRegistrationBytesMax + 1, ' ')),
             413, "kRegistrationBytesMax"));
  CHECK(says(world.ask(Method::post, "/v1/hosts", std::nullopt, "{}"), 401, "certificate"));
}

TEST_CASE("a Host that only its neighbours can reach is refused, unless the operator allows it") {
  DirectoryWorld world(DirectoryOptions{});
  CHECK(world.enlist_over_wire(1, registration_of(1)).status == 201);
  CHECK(says(world.enlist_over_wire(2, registration_of(2, kHostsNow, {}, "192.168.1.5:4242")), 400,
             "192.168.1.5"));
}

TEST_CASE("a crowd of identities from one network is bounded, whatever keys it makes") {
  auto options = DirectoryWorld::local_options();
  options.registration = {.hosts_per_network_max = 5, .registrations_per_network_hour = 100};
  DirectoryWorld world(options);
  int taken = 0;
  for (int i = 1; i <= 30; ++i) {
    const auto answer = world.enlist_over_wire(i, registration_of(i));
    taken += answer.status == 201;
    if (answer.status != 201) CHECK(says(answer, 507, "hosts_per_network_max"));
  }
  CHECK(taken == 5);
}

TEST_CASE("a heartbeat counts once, and only from its own Host for this Bridge") {
  DirectoryWorld world;
  CHECK(says(world.beat_over_wire(1, world.heartbeat(1, 5), 1), 404, "has not registered"));
  REQUIRE(world.enlist_over_wire(1, registration_of(1)).status == 201);
  REQUIRE(world.enlist_over_wire(2, registration_of(2)).status == 201);
  CHECK(world.beat_over_wire(1, world.heartbeat(1, 5), 1).status == 200);
  const auto again = world.beat_over_wire(1, world.heartbeat(1, 5), 1);
  CHECK(says(again, 409, "not higher"));
  CHECK(text_of(again.body).find("\"counter\":5") != std::string_view::npos);
  CHECK(says(world.beat_over_wire(2, world.heartbeat(1, 6), 1), 403, "iss"));  // replayed by another
  auto elsewhere = world.heartbeat(1, 7);
  elsewhere.bridge[0] ^= std::byte{1};
  CHECK(says(world.beat_over_wire(1, elsewhere, 1), 403, "aud"));
  auto old = world.heartbeat(1, 8);
  old.issued_unix_s -= 2 * 3600;
  CHECK(says(world.beat_over_wire(1, old, 1), 403, "iat"));
  CHECK(world.host(1)->beat->counter == 5);
  CHECK(says(world.ask(Method::post, "/v1/hosts/heartbeat", 1, "{\"heartbeat\":\"x\"}"), 400, "token"));
}

TEST_CASE("heartbeats do not come faster than they may") {
  DirectoryWorld world;
  REQUIRE(world.enlist_over_wire(1, registration_of(1)).status == 201);
  REQUIRE(world.beat_over_wire(1, world.heartbeat(1, 5), 1).status == 200);
  const auto body = format::write_heartbeat_request(
      {.heartbeat = format::sign_heartbeat(world.heartbeat(1, 6), host_key(1)).value(), .descriptor = {}});
  const auto soon = world.ask(Method::post, "/v1/hosts/heartbeat", 1, body);
  CHECK(says(soon, 429, "beat_gap_ms"));
  CHECK(soon.header("Retry-After") == "15");
}

TEST_CASE("a newer descriptor comes with a heartbeat, and another's does not") {
  DirectoryWorld world;
  REQUIRE(world.enlist_over_wire(1, registration_of(1)).status == 201);
  const auto newer = registration_of(1, kHostsNow + 50, {}, "9.9.9.9:4242");
  CHECK(world.beat_over_wire(1, world.heartbeat(1, 1), 1, newer.token).status == 200);
  CHECK(world.host(1)->descriptor.addresses == newer.descriptor.addresses);
  const auto older = registration_of(1, kHostsNow + 20, {}, "7.7.7.7:4242");
  CHECK(world.beat_over_wire(1, world.heartbeat(1, 2), 1, older.token).status == 200);
  CHECK(world.host(1)->descriptor.addresses == newer.descriptor.addresses);
  CHECK(
      says(world.beat_over_wire(1, world.heartbeat(1, 3), 1, registration_of(2).token), 403, "another Host"));
}

TEST_CASE("Hosts are listed to accounts that may list, and to Hosts") {
  DirectoryWorld world;
  REQUIRE(world.enlist_over_wire(1, registration_of(1)).status == 201);
  CHECK(world.ask(Method::get, "/v1/hosts", 1).status == 200);
  CHECK(says(world.ask(Method::get, "/v1/hosts", kReader), 403, "permit"));
  CHECK(world.ask(Method::get, "/v1/hosts", std::nullopt).status == 401);
  const auto with = [&](format::Abilities can) {
    return world.ask(Method::get, "/v1/hosts?all=1&limit=10", kReader, {},
                     {{"Inxt-Permit", world.permit(kReader, can)}});
  };
  CHECK(with({format::Ability::create}).status == 403);
  const auto listed = with({format::Ability::list});
  CHECK(listed.status == 200);
  CHECK(format::read_hosts(text_of(listed.body))->front().host == host_id(1));
  for (const auto* query : {"?limit=0", "?limit=1001", "?limit=x", "?after=1", "?all=2"})
    CHECK(world.ask(Method::get, std::string("/v1/hosts") + query, 1).status == 400);
}

TEST_CASE("a Host's report is kept once; another's, and one for another Bridge, is not") {
  DirectoryWorld world;
  format::HostReport report;
  report.host = host_id(1);
  report.bridge = world.key.public_key();
  report.kind = format::ReportKind::lost;
  report.issued_unix_s = kHostsNow;
  const auto token = format::sign_report(report, host_key(1)).value();
  CHECK(says(world.ask(Method::post, "/v1/reports", 1, token), 404, "not registered"));
  REQUIRE(world.enlist_over_wire(1, registration_of(1)).status == 201);
  CHECK(world.ask(Method::post, "/v1/reports", 1, token).status == 200);
  CHECK(world.ask(Method::post, "/v1/reports", 1, token).status == 200);
  CHECK(says(world.ask(Method::post, "/v1/reports", 2, token), 403, "iss"));
  report.bridge[3] ^= std::byte{1};
  CHECK(says(world.ask(Method::post, "/v1/reports", 1, format::sign_report(report, host_key(1)).value()), 403,
             "aud"));
  const auto count = world.database().read([&](database::Transaction& transaction) -> Result<std::int64_t> {
    return TRY(transaction.query("SELECT count(*) FROM host_reports"))[0].integer(0);
  });
  CHECK(count == 1);
}

TEST_CASE("a Bridge is a witness of when it saw a hash") {
  DirectoryWorld world;
  crypto::Hash hash{};
  hash[0] = std::byte{9};
  const auto answer = world.ask(Method::post, "/v1/witness", 5, format::write_witness_request(hash));
  CHECK(answer.status == 200);
  const auto text = text_of(answer.body);
  const auto line = format::read_witness(text.substr(0, text.size() - 1), "answer").value();
  CHECK(line.hash == hash);
  CHECK(line.witness == HostId{world.key.public_key()});
  CHECK(line.time_unix_s == kHostsNow);
  CHECK(world.ask(Method::post, "/v1/witness", std::nullopt, format::write_witness_request(hash)).status ==
        401);
}

}  // namespace inxt::bridge
