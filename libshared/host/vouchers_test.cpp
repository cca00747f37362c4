// SPDX-License-Identifier: AGPL-3.0-or-later
// Accounts that a Bridge vouches for: how much they may have here, what the Bridge hears of it, and what they
// may do when the voucher has ended.
#include "format/audit_lines.h"
#include "format/renewal.h"
#include "host/shown_vouchers.h"
#include "net/race.h"
#include "store/stored_piece.h"
#include "support/voucher_world.h"

namespace inxt::host {
namespace {

using namespace inxt::testing;  // NOLINT: tests
using net::operator&&;

constexpr std::uint64_t kEach = store::file_bytes(5000);

TEST_CASE("a voucher's bytes are the most that its account may have here") {
  VoucherWorld world;
  const Bytes first = noise(5000, 1), second = noise(5000, 2);
  const auto check_full = [](const net::Response& response, std::uint64_t free_bytes) {
    check_refusal(response, 507, "quota", "voucher");
    CHECK(json_of(response).at("limit").get<std::string>() == "voucher_bytes");
    CHECK(json_of(response).at("free_bytes").get<std::uint64_t>() == free_bytes);
  };
  check_full(world.put(first, 0), 0);
  check_full(world.put(first, kEach - 1), kEach - 1);
  CHECK(world.store->account_bytes(world.peer.id) == 0);
  CHECK(world.due().empty());
  CHECK(world.put(first, kEach).status == 201);
  CHECK(world.put(first, kEach).status == 200);
  CHECK(world.put(first, 0).status == 200);  // it is here already
  check_full(world.put(second, 2 * kEach - 1), kEach - 1);
  check_full(world.put(second, 5), kEach - 1);           // the one before has not ended
  CHECK(world.put(second, std::nullopt).status == 201);  // one that says nothing of it
  CHECK(world.due() == std::vector<format::AccountBytes>{{world.peer.id, 2 * kEach}});
}

TEST_CASE("machines of one account do not wait for each other's vouchers") {
  VoucherWorld world;
  std::vector<Bytes> bodies;
  for (std::uint64_t i = 0; i < 4; ++i) bodies.push_back(noise(5000, i));
  const auto older = [&](ByteView body) { return world.put(body, 2 * kEach).status; };
  CHECK(world.put(bodies[0], 3 * kEach).status == 201);  // of a machine that asked after the other one
  CHECK(world.put(bodies[1], 3 * kEach).status == 201);
  CHECK(older(bodies[2]) == 201);
  CHECK(older(bodies[3]) == 507);
  CHECK(world.store->account_bytes(world.peer.id) == 3 * kEach);
}

TEST_CASE("shown vouchers: the one with most counts until it ends, at its Bridge and for its account") {
  const auto voucher = [](int bridge, int account, std::optional<std::uint64_t> bytes, std::int64_t until) {
    format::Voucher out;
    out.bridge = key_number(bridge).public_key();
    out.account = AccountId{key_number(account).public_key()};
    out.bytes = bytes;
    out.expires_unix_s = until;
    return out;
  };
  ShownVouchers shown(3);
  CHECK(shown.most(voucher(1, 1, 100, 50), 10) == 100);
  CHECK(shown.most(voucher(1, 1, 30, 90), 10) == 100);
  CHECK(shown.most(voucher(1, 1, std::nullopt, 90), 10) == std::nullopt);
  CHECK(shown.most(voucher(1, 1, 30, 90), 49) == 100);
  CHECK(shown.most(voucher(2, 1, 20, 90), 49) == 20);
  CHECK(shown.most(voucher(1, 2, 10, 90), 49) == 10);
  CHECK(shown.most(voucher(1, 1, 30, 90), 50) == 30);
  CHECK(shown.most(voucher(1, 1, 40, 60), 50) == 40);
  CHECK(shown.size() == 3);
  CHECK(shown.most(voucher(3, 3, 7, 90), 59) == 7);  // no room to remember it
  CHECK(shown.most(voucher(3, 3, 5, 90), 59) == 5);
  CHECK(shown.most(voucher(3, 3, 7, 90), 60) == 7);  // one has ended
  CHECK(shown.most(voucher(3, 3, 5, 90), 61) == 7);
  CHECK(shown.size() == 3);
  const std::uint64_t changes = shown.changes();
  CHECK(shown.most(voucher(3, 3, 7, 80), 61) == 7);  // as much, and not as long
  CHECK(shown.changes() == changes);
  CHECK(shown.most(voucher(3, 3, 7, 95), 61) == 7);
  CHECK(shown.most(voucher(3, 3, 5, 95), 94) == 7);
}

TEST_CASE("to report to a Bridge is not to accept its accounts") {
  VoucherWorld world;
  Options options = world.engine->options();
  options.accept = AcceptList();
  world.engine->set_options(options);
  check_refusal(world.put(noise(5000, 1), kEach), 403, "denied", "Bridge is not accepted");
  options.accept = *AcceptList::parse("bridge " + to_hex(key_number(51).public_key()));
  world.engine->set_options(options);
  check_refusal(world.put(noise(5000, 1), kEach), 403, "denied", "Bridge is not accepted");
  CHECK(world.engine->vouched().size() == 0);
}

TEST_CASE("puts at the same time do not pass a voucher's bytes together") {
  VoucherWorld world;
  constexpr std::uint64_t kFit = 3;
  std::vector<Bytes> bodies;
  for (std::uint64_t i = 0; i < 8; ++i) bodies.push_back(noise(5000, i));
  std::vector<int> statuses(bodies.size());
  const auto put_one = [&](std::size_t index) -> net::Awaitable<void> {
    const net::Endpoint endpoint(world.address, world.host_key.public_key(), &world.peer.tls);
    net::Request request = world.request_for(bodies[index], kFit * kEach);
    const auto response = co_await world.http->send(endpoint, std::move(request));
    statuses[index] = response ? response->status : 0;
  };
  world.loop.run(put_one(0) && put_one(1) && put_one(2) && put_one(3) && put_one(4) && put_one(5) &&
                 put_one(6) && put_one(7));
  CHECK(std::ranges::count(statuses, 201) == kFit);
  CHECK(std::ranges::count(statuses, 507) == 8 - kFit);
  CHECK(world.store->account_bytes(world.peer.id) == kFit * kEach);
}

TEST_CASE("an account that is accepted by name is not held to a voucher, but its Bridge hears of it") {
  VoucherWorld world(true);
  const Bytes body = noise(5000, 1);
  CHECK(world.HostWorld::put(noise(5000, 2)).status == 201);
  CHECK(world.due().empty());
  CHECK(world.put(body, 0).status == 201);
  CHECK(world.due() == std::vector<format::AccountBytes>{{world.peer.id, 2 * kEach}});
  // One that is wrong does no harm.
  net::Request request = world.request_for(noise(5000, 3), 0);
  const Bytes third = noise(5000, 3);
  request.body = third;
  request.headers.back().value += "x";
  CHECK(world.send(std::move(request), &world.peer.tls).status == 201);
}

TEST_CASE(
    "without a voucher an account still reads, lists, audits and deletes what it has, and renews nothing") {
  VoucherWorld world;
  const Bytes body = noise(5000, 1);
  const PieceId piece = proof::piece_id_of(body);
  const net::Response stored = world.put(body, kEach);
  REQUIRE(stored.status == 201);
  world.clock.advance_ms((2 * kHourS + 1) * 1000);  // with the slack for clocks, the voucher has ended
  CHECK(world.get(piece).body == body);
  CHECK(world.ask(Method::head, HostWorld::path(piece), &world.peer.tls).status == 200);
  CHECK(world.ask(Method::get, "/v1/contracts/" + piece.hex(), &world.peer.tls).status == 200);
  CHECK(lines_of(world.ask(Method::get, "/v1/contracts", &world.peer.tls)).size() == 1);
  format::AuditRequest asked;
  asked.challenge.fill(std::byte{9});
  asked.samples = {{piece, 0}};
  const std::string question = format::write_request(asked);
  net::Request audit(Method::post, "/v1/audit");
  audit.body = view_of(question);
  const net::Response answer = world.send(std::move(audit), &world.peer.tls);
  CHECK(answer.status == 200);
  CHECK(lines_of(answer).front().find("\"missing\"") == std::string::npos);

  format::Renewal renewal;
  renewal.control = world.control.public_key();
  renewal.host = world.engine->id();
  renewal.contract = format::contract_hash(json_of(stored).at("acceptance").get<std::string>());
  renewal.piece = piece;
  renewal.account = world.peer.id;
  renewal.from_unix_s = kNow + 30 * 86400;
  renewal.until_unix_s = kNow + 60 * 86400;
  renewal.issued_unix_s = kNow;
  renewal.expires_unix_s = kNow + 86400;
  const auto renew = [&](std::vector<Header> headers) {
    headers.push_back(Header("Inxt-Renewal", *format::sign_renewal(renewal, world.control)));
    return world.ask(Method::post, "/v1/contracts/" + piece.hex(), &world.peer.tls, std::move(headers));
  };
  check_refusal(renew({}), 403, "denied", "not accepted");
  CHECK(renew({world.voucher(0)}).status == 200);  // it takes none of the voucher's bytes

  format::Deletion deletion;
  deletion.control = world.control.public_key();
  deletion.host = world.engine->id();
  deletion.piece = piece;
  deletion.account = world.peer.id;
  deletion.issued_unix_s = kNow;
  deletion.expires_unix_s = kNow + 86400;
  CHECK(world
            .ask(Method::delete_, HostWorld::path(piece), &world.stranger.tls,
                 {Header("Inxt-Deletion", *format::sign_deletion(deletion, world.control))})
            .status == 200);
  world.engine->vouched().told(world.bridge.public_key(), {});
  CHECK(world.due() == std::vector<format::AccountBytes>{{world.peer.id, 0}});
  // Who has nothing left here is told that, and not that it is unknown: a deletion may be asked for twice.
  check_refusal(world.ask(Method::get, "/v1/contracts/" + piece.hex(), &world.peer.tls), 404, "not_found");
  const auto nothing = world.ask(Method::get, "/v1/contracts", &world.peer.tls);
  CHECK(nothing.status == 200);
  CHECK(lines_of(nothing).empty());
  auto changed = world.engine->options();
  changed.deny = *PeerList::parse(world.peer.id.hex());
  world.engine->set_options(std::move(changed));
  check_refusal(world.ask(Method::get, "/v1/contracts", &world.peer.tls), 403, "denied",
                "denied by this Host");
}

}  // namespace
}  // namespace inxt::host
