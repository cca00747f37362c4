// SPDX-License-Identifier: AGPL-3.0-or-later
// Shares over the wire: owners, readers, leases that Hosts would take.
#include "format/lease.h"
#include "support/bridge_world.h"
#include "support/share_drafts.h"
#include "transfer/http_bridge_shares.h"

using namespace inxt;
using namespace inxt::testing;
using format::Ability;
using transfer::HttpBridgeShares;

namespace {

template <class T>
void refused(const Result<T>& answer, Code code, std::string_view part = {}) {
  REQUIRE(!answer);
  check_error(answer.error(), code, part);
}

/// Its accounts let the Bridge lease, for `seconds`.
struct RealShare : ShareDraft {
  RealShare(std::uint64_t of, std::size_t hosts, std::size_t pieces, std::int64_t seconds = 90 * 86400)
      : ShareDraft(of, hosts, pieces), number(of) {
    expires_unix_s = kNow + 86400;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const crypto::SigningKey account = key_number(of * 1000 + i);
      places[i].account = AccountId{account.public_key()};
      format::LeasingCapability capability;
      capability.account = places[i].account;
      capability.host = places[i].host;
      capability.bridge = key_number(kBridgeNumber).public_key();
      capability.issued_unix_s = kNow;
      capability.expires_unix_s = kNow + seconds;
      places[i].capability = *format::sign_leasing_capability(capability, account);
    }
  }
  format::LeaseRequest lease(std::size_t place, std::vector<PieceId> pieces) const {
    return {.host = places[place].host, .account = places[place].account, .pieces = std::move(pieces)};
  }
  std::uint64_t number;  // of the reader's key
};

template <class World>
void put(BridgeWorld<World>& world, transfer::BridgeClient& client, const RealShare& share) {
  const auto request = share.request();
  const auto done = world.run(HttpBridgeShares(client).put(request));
  if (!done) FAIL(done.error().what);
}

}  // namespace

CONTRACT(share_over_the_wire,
         "a reader gets the bundle and leases that its Hosts take, until the share is revoked") {
  BridgeWorld<World> world;
  auto owner = world.owner(1);
  HttpBridgeShares mine(owner);
  const RealShare share(50, 2, 40);
  put(world, owner, share);
  auto reader = world.client(share.number, "");
  HttpBridgeShares theirs(reader);
  CHECK(world.get(theirs.bundle(share.share)) == share.bundle);
  CHECK(world.get(mine.bundle(share.share)) == share.bundle);

  const auto& pieces = share.places[1].pieces;
  const std::vector<PieceId> wanted(pieces.begin(), pieces.begin() + format::kLeasePiecesMax);
  const auto lease = share.lease(1, wanted);
  const auto answer = world.get(theirs.lease(share.share, lease));
  CHECK(answer.expires_unix_s == kNow + 3600);
  const std::string header = answer.capability + "~" + answer.lease;
  const std::array hosts{share.places[1].host};
  for (const PieceId& piece : wanted) {
    const auto leased = format::open_leased(header, share.client.public_key(), hosts, piece, kNow);
    REQUIRE(leased);
    CHECK(leased->account == share.places[1].account);
  }
  CHECK(!format::open_leased(header, share.client.public_key(), hosts, pieces.back(), kNow));

  // Not for others, not for other pieces.
  const auto stolen = share.lease(0, wanted);
  refused(world.run(theirs.lease(share.share, stolen)), Code::denied, "not this share's");
  auto stranger = world.client(51, "");
  HttpBridgeShares nobody(stranger);
  refused(world.run(nobody.bundle(share.share)), Code::not_found);
  refused(world.run(nobody.lease(share.share, lease)), Code::not_found);
  auto other_owner = world.owner(2);
  HttpBridgeShares other(other_owner);
  refused(world.run(other.bundle(share.share)), Code::not_found);
  CHECK(world.get(other.list(std::nullopt, 10)).empty());
  CHECK(world.run(other.revoke(share.share)));  // "there is none": and nothing happens
  CHECK(world.get(theirs.bundle(share.share)) == share.bundle);
  const auto request = share.request();
  refused(world.run(other.put(request)), Code::denied, "another owner's");

  CHECK(world.run(mine.revoke(share.share)));
  refused(world.run(theirs.bundle(share.share)), Code::not_found);
  refused(world.run(theirs.lease(share.share, lease)), Code::not_found);
  CHECK(world.get(mine.list(std::nullopt, 10)).empty());
}

CONTRACT(share_ends, "a share ends at its time, and a lease no later than what it stands on") {
  BridgeWorld<World> world;
  auto owner = world.owner(1);
  HttpBridgeShares mine(owner);
  const RealShare share(50, 1, 3), capable(60, 1, 3, 1000);
  put(world, owner, share);
  put(world, owner, capable);
  auto reader = world.client(share.number, ""), second = world.client(capable.number, "");
  HttpBridgeShares theirs(reader), others(second);
  const auto soon = capable.lease(0, {capable.places[0].pieces[0]});
  CHECK(world.get(others.lease(capable.share, soon)).expires_unix_s == kNow + 1000);
  world.clock.advance_ms(1'000'000);
  refused(world.run(others.lease(capable.share, soon)), Code::denied, "has ended");

  world.clock.advance_ms((86400 - 1000 - 600) * 1000);
  const auto lease = share.lease(0, {share.places[0].pieces[0]});
  CHECK(world.get(theirs.lease(share.share, lease)).expires_unix_s == kNow + 86400);
  world.clock.advance_ms(600'000);
  refused(world.run(theirs.lease(share.share, lease)), Code::not_found);
  refused(world.run(theirs.bundle(share.share)), Code::not_found);
}

CONTRACT(share_refusals, "what is no share, or not the asker's to give, is refused") {
  BridgeWorld<World> world;
  const std::string root = root_permit(1);
  auto owner = world.client(1, root);
  HttpBridgeShares mine(owner);
  const auto try_put = [&](const RealShare& share, HttpBridgeShares& as) {
    const auto request = share.request();
    return world.run(as.put(request));
  };
  RealShare share(50, 1, 3);
  RealShare past(50, 1, 3), late(50, 1, 3), forged(50, 1, 3), swapped(50, 2, 3);
  past.expires_unix_s = kNow;
  refused(try_put(past, mine), Code::usage, "expires");
  late.expires_unix_s = kNow + 100 * std::int64_t{366} * 86400;
  refused(try_put(late, mine), Code::usage, "share_term_s_max");
  forged.places[0].capability[forged.places[0].capability.size() - 5] ^= 1;
  refused(try_put(forged, mine), Code::integrity, "capability");
  std::swap(swapped.places[0].capability, swapped.places[1].capability);
  refused(try_put(swapped, mine), Code::denied, "capability");

  auto machine = world.client(3, handed_on(root, 1, 3, {.can = {Ability::create, Ability::list}}));
  HttpBridgeShares machines(machine);
  refused(try_put(share, machines), Code::denied, "share");
  refused(world.run(machines.list(std::nullopt, 10)), Code::denied, "share");
  // A permit for one object: the share must name it.
  const auto object = id_number<format::ObjectId>(7);
  auto limited = world.client(4, handed_on(root, 1, 4, {.can = {Ability::share}, .object = object}));
  HttpBridgeShares limits(limited);
  refused(try_put(share, limits), Code::denied, "object");
  share.object = object;
  CHECK(try_put(share, limits));
  CHECK(world.get(mine.list(std::nullopt, 10)).at(0).object == object);
  CHECK(world.run(limits.revoke(share.share)));
  CHECK(world.get(mine.list(std::nullopt, 10)).empty());

  auto poor = world.client(5, root_permit(5, {.quota_bytes = 100}));
  HttpBridgeShares poors(poor);
  refused(try_put(RealShare(70, 1, 3), poors), Code::quota, "over quota");

  transfer::BridgeRequest request(net::Method::post, "/v1/shares");
  request.body = "{}\n";
  refused(world.run(owner.ask(std::move(request))), Code::usage, "line 1");
  transfer::BridgeRequest empty(net::Method::post, "/v1/shares/" + share.share.hex() + "/leases");
  empty.body = "{}";
  refused(world.run(owner.ask(std::move(empty))), Code::usage, "host");
  transfer::BridgeRequest odd(net::Method::get, "/v1/shares/00");
  refused(world.run(owner.ask(std::move(odd))), Code::usage, "share id");
}
