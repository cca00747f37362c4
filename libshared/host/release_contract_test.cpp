// SPDX-License-Identifier: AGPL-3.0-or-later
// A Host that retires lets go what a Bridge says another Host has: what it asks for first, and what strangers
// can check afterwards.
#include "format/contract_release.h"
#include "format/inventory_requests.h"
#include "format/release.h"
#include "host/evidence.h"
#include "host/inventory.h"
#include "host/record_keeper.h"
#include "proof/inventory_contracts.h"
#include "support/host_world.h"
#include "transfer/http_piece_service.h"

namespace inxt::host {
namespace {

using namespace inxt::testing;  // NOLINT: tests

/// A Host that retires, and an account that a Bridge vouched for.
struct ReleaseWorld : HostWorld {
  ReleaseWorld() {
    Options options = engine->options();
    options.accept = *AcceptList::parse(peer.id.hex() + "\nbridge " + to_hex(bridge.public_key()) +
                                        "\nbridge " + to_hex(other.public_key()) + "\n");
    options.records.transfer_bytes_max = 1 << 20;
    engine->set_options(std::move(options));
    inventory.emplace(loop.executor(), InventoryParts{*store, *workers, clock, host_key, log}, *directory);
    REQUIRE(inventory->load().has_value());
    engine->set_inventory(*inventory);
    engine->vouched().set_bridges(std::vector{bridge.public_key(), other.public_key()});
    const net::Response response = put(body);
    REQUIRE(response.status == 201);
    acceptance = json_of(response).at("acceptance").get<std::string>();
    engine->vouched().note(bridge.public_key(), peer.id);
    engine->set_absence({.retiring_unix_s = kNow + 86400});

    good.bridge = bridge.public_key();
    good.host = engine->id();
    good.piece = piece;
    good.account = peer.id;
    good.contract = format::contract_hash(acceptance);
    good.successor = HostId{key_number(72).public_key()};
    good.successor_contract.fill(std::byte{9});
    good.issued_unix_s = kNow;
    good.expires_unix_s = kNow + 600;
  }
  ~ReleaseWorld() { inventory.reset(); }

  net::Response show(std::string token) {
    return ask(Method::post, "/v1/releases", &stranger.tls, {Header("Inxt-Release", std::move(token))});
  }
  template <class Change>
  net::Response release(const Change& change, const crypto::SigningKey& by) {
    format::ContractRelease made = good;
    change(made);
    return show(*format::sign_release(made, by));
  }
  net::Response release() {
    return release([](auto&) {}, bridge);
  }
  std::string make_head() {
    REQUIRE(loop.run(inventory->make()).has_value());
    return inventory->latest()->line();
  }

  crypto::SigningKey bridge = key_number(70), other = key_number(71);
  Bytes body = noise(5000, 1);
  PieceId piece = proof::piece_id_of(body);
  std::string acceptance;
  format::ContractRelease good;
  std::optional<Inventory> inventory;
};

TEST_CASE("who may end a contract of a Host that retires, and which") {
  ReleaseWorld world;
  const auto refused = [&](const auto& change, const crypto::SigningKey& by, int status,
                           std::string_view code, std::string_view part) {
    check_refusal(world.release(change, by), status, code, part);
    CHECK(world.get(world.piece).status == 200);
  };
  const auto same = [](auto&) {};
  check_refusal(world.ask(Method::post, "/v1/releases", &world.stranger.tls), 400, "usage", "Inxt-Release");
  CHECK(world.ask(Method::post, "/v1/releases", nullptr).status == 401);
  check_refusal(world.show("a.b.c"), 403, "integrity", "Inxt-Release");
  CHECK(world.ask(Method::get, "/v1/releases", &world.stranger.tls).status == 405);
  refused([](auto& release) { release.host.bytes[0] ^= std::byte{1}; }, world.bridge, 403, "denied",
          "another Host");
  refused([](auto& release) { release.expires_unix_s = kNow - 4000; }, world.bridge, 403, "denied", "");
  refused([](auto& release) { release.contract[0] ^= std::byte{1}; }, world.bridge, 404, "not_found", "");
  refused([](auto& release) { release.piece.bytes[0] ^= std::byte{1}; }, world.bridge, 404, "not_found", "");
  refused([&](auto& release) { release.account = world.stranger.id; }, world.bridge, 403, "denied",
          "not vouched");
  // A Bridge that is accepted, and did not vouch for this account; one that is not accepted; one that is
  // denied.
  refused([&](auto& release) { release.bridge = world.other.public_key(); }, world.other, 403, "denied",
          "not vouched");
  const auto nobody = key_number(79);
  refused([&](auto& release) { release.bridge = nobody.public_key(); }, nobody, 403, "denied",
          "does not accept");
  Options options = world.engine->options();
  const Options before = options;
  options.deny = *PeerList::parse("bridge " + to_hex(world.bridge.public_key()) + "\n");
  world.engine->set_options(options);
  refused(same, world.bridge, 403, "denied", "does not accept");
  world.engine->set_options(before);
  world.engine->set_absence({});
  refused(same, world.bridge, 403, "denied", "does not retire");
  world.engine->set_absence({.retiring_unix_s = kNow + 1});
  CHECK(world.release().status == 200);
  check_refusal(world.get(world.piece), 404, "not_found");
  CHECK(world.store->stats().used_bytes == 0);
  CHECK(world.engine->counters().released_contracts == 1);
  // No head lists it: nothing is kept of it but the record.
  check_refusal(world.release(), 404, "not_found");
}

TEST_CASE("what a head lists and a Bridge released is shown as such, also to who asks again") {
  ReleaseWorld world;
  world.make_head();
  const net::Response first = world.release();
  REQUIRE(first.status == 200);
  std::string text(text_of(first.body));
  REQUIRE(text.ends_with('\n'));
  text.pop_back();
  const format::ReleasedLine line = *format::read_released(text, "answer");
  CHECK(line.piece == world.piece);
  CHECK(line.acceptance == world.acceptance);
  REQUIRE(line.release.has_value());
  const auto blinded = proof::blinded_contract(world.good.contract);
  const proof::InventoryLeaf leaf{.piece = world.piece,
                                  .size_bytes = 5000,
                                  .contracts = 1,
                                  .contracts_root = proof::contracts_root({&blinded, 1})};
  CHECK(format::check_released(line, leaf, world.engine->id(), kNow).has_value());
  // Asked again, also with another token and after a restart: the same answer.
  world.good.expires_unix_s += 60;
  const net::Response again = world.release();
  CHECK(again.status == 200);
  CHECK(text_of(again.body) == text_of(first.body));
  CHECK(world.engine->counters().released_contracts == 1);
  world.inventory.reset();
  world.inventory.emplace(
      world.loop.executor(),
      InventoryParts{*world.store, *world.workers, world.clock, world.host_key, world.log}, *world.directory);
  REQUIRE(world.inventory->load().has_value());
  world.engine->set_inventory(*world.inventory);
  CHECK(text_of(world.release().body) == text_of(first.body));
  // Also when the account, which has nothing left here, has been forgotten.
  VouchedAccounts& vouched = world.engine->vouched();
  (void)vouched.due(world.bridge.public_key(), 32, [](const AccountId&) { return 0; });
  vouched.told(world.bridge.public_key(), std::vector{format::AccountBytes{world.peer.id, 0}});
  REQUIRE(vouched.size() == 0);
  CHECK(text_of(world.release().body) == text_of(first.body));
  check_refusal(world.release([](auto& release) { release.contract[0] ^= std::byte{1}; }, world.bridge), 403,
                "denied", "not vouched");
}

TEST_CASE("a release that is shown again and again is kept once, and again after a restart") {
  ReleaseWorld world;
  world.make_head();
  for (int i = 0; i < 5; ++i) CHECK(world.release().status == 200);
  const std::string kept = world.engine->transfer_records().take();
  CHECK(std::ranges::count(kept, '\n') == 1);
  world.engine->released().clear();
  for (int i = 0; i < 5; ++i) CHECK(world.release().status == 200);
  const std::string again = world.engine->transfer_records().take();
  CHECK(std::ranges::count(again, '\n') == 1);
}

TEST_CASE("a Bridge releases over the wire, and knows what came of it") {
  ReleaseWorld world;
  world.make_head();
  transfer::HttpPieceService service(
      *world.http, [](const HostId&) { return key_number(80); }, world.clock);
  const transfer::HostAddress at{.id = world.engine->id(), .addresses = {world.address}};
  const std::string token = *format::sign_release(world.good, world.bridge);
  for (int i = 0; i < 2; ++i) {
    const auto line = world.loop.run(service.release(at, token));
    REQUIRE(line.has_value());
    CHECK(format::read_released(*line, "answer")->release == token);
  }
  format::ContractRelease unknown = world.good;
  unknown.contract[0] ^= std::byte{1};
  CHECK(world.loop.run(service.release(at, *format::sign_release(unknown, world.bridge))).error().code ==
        Code::not_found);
  world.engine->set_absence({});
  CHECK(world.loop.run(service.release(at, token)).error().code == Code::denied);
  CHECK(world.loop.run(service.release(at, "a.b.c")).error().code == Code::integrity);
}

TEST_CASE("a Host shows that a Bridge ended a contract") {
  ReleaseWorld world;
  RecordKeeper records(*world.engine, *world.directory, [] { return false; });
  REQUIRE(world.release().status == 200);
  records.finish();
  std::vector<std::string> lines;
  const auto counts = tell_evidence(
      *world.directory, world.piece,
      [&](const std::string& said) -> Result<void> {
        lines.push_back(said);
        return {};
      },
      [](const std::string& path, const Error&) { FAIL(path); });
  REQUIRE(counts.has_value());
  CHECK(counts->releases == 1);
  CHECK(counts->deletions == 0);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("\"type\":\"release\"") != std::string::npos);
}

}  // namespace
}  // namespace inxt::host
