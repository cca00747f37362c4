// SPDX-License-Identifier: AGPL-3.0-or-later
// What a Host answers to whoever wants a contract's term longer.
#include "format/renewal.h"
#include "support/host_world.h"

namespace inxt::host {
namespace {

using namespace inxt::testing;  // NOLINT: tests

constexpr std::int64_t kTermS = 30 * 86400;  // of HostWorld's offers

struct RenewWorld : HostWorld {
  explicit RenewWorld(Setup setup = {}) : HostWorld(setup) {
    format::Offer offer = offer_for(body);
    offer.price = setup.price;
    const net::Response stored = put(body, offer);
    REQUIRE(stored.status == 201);
    good.control = control.public_key();
    good.host = HostId{host_key.public_key()};
    good.contract = format::contract_hash(json_of(stored).at("acceptance").get<std::string>());
    good.piece = piece;
    good.account = peer.id;
    good.from_unix_s = kNow + kTermS;
    good.until_unix_s = kNow + 2 * kTermS;
    good.price = setup.price;
    good.issued_unix_s = kNow;
    good.expires_unix_s = kNow + 600;
  }

  template <class Change>
  net::Response renew(Change change) {
    format::Renewal renewal = good;
    change(renewal);
    return renew_with(*format::sign_renewal(renewal, control), &peer.tls);
  }
  net::Response renew_with(std::string token, const net::TlsIdentity* as) {
    return ask(Method::post, "/v1/contracts/" + piece.hex(), as, {Header("Inxt-Renewal", std::move(token))});
  }
  format::Json contract() { return json_of(ask(Method::get, "/v1/contracts/" + piece.hex(), &peer.tls)); }
  /// The end of the term as the Host's own tokens say it.
  std::int64_t until_of(const format::Json& answer) {
    const format::Json held = contract();
    const auto offer = format::open_offer(held.at("offer").get<std::string>(), std::nullopt);
    const auto renewed = format::check_renewed(*offer, held.at("acceptance").get<std::string>(),
                                               answer.at("renewal").get<std::string>(),
                                               answer.at("renewal_acceptance").get<std::string>());
    if (!renewed) FAIL(renewed.error().what);
    return renewed->until_unix_s;
  }

  Bytes body = noise(5000, 10);
  PieceId piece = proof::piece_id_of(body);
  format::Renewal good;
};

constexpr auto kAsItIs = [](format::Renewal&) {};

TEST_CASE("a renewal makes the term longer, for all who ask") {
  RenewWorld world;
  CHECK_FALSE(world.contract().contains("renewal"));
  const std::uint64_t used_bytes = world.store->stats().used_bytes;
  const net::Response first = world.renew(kAsItIs);
  REQUIRE(first.status == 200);
  CHECK(json_of(first).at("until").get<std::int64_t>() == kNow + 2 * kTermS);
  CHECK(world.until_of(json_of(first)) == kNow + 2 * kTermS);
  CHECK(world.until_of(world.contract()) == kNow + 2 * kTermS);
  CHECK(world.store->stats().used_bytes == used_bytes + 4096);
  CHECK(world.engine->counters().renewed_contracts == 1);
  const auto listed = lines_of(world.ask(Method::get, "/v1/contracts", &world.peer.tls));
  REQUIRE(listed.size() == 1);
  CHECK(world.until_of(*format::parse_object(listed[0], 16384)) == kNow + 2 * kTermS);
  const net::Response again = world.put(world.body);
  CHECK(again.status == 200);
  CHECK(world.until_of(json_of(again)) == kNow + 2 * kTermS);

  // The next begins where this one ends, and takes its place on the disk.
  const net::Response second = world.renew([](auto& r) {
    r.from_unix_s = kNow + 2 * kTermS;
    r.until_unix_s = kNow + 3 * kTermS;
  });
  CHECK(second.status == 200);
  CHECK(world.until_of(json_of(second)) == kNow + 3 * kTermS);
  CHECK(world.store->stats().used_bytes == used_bytes + 4096);
}

TEST_CASE("a renewal that is shown again changes nothing") {
  RenewWorld world;
  const net::Response first = world.renew(kAsItIs);
  REQUIRE(first.status == 200);
  world.clock.advance_ms(5000);
  CHECK(world.renew(kAsItIs).body == first.body);  // not even signed anew
  REQUIRE(world
              .renew([](auto& r) {
                r.from_unix_s = kNow + 2 * kTermS;
                r.until_unix_s = kNow + 3 * kTermS;
              })
              .status == 200);
  const net::Response old = world.renew(kAsItIs);
  CHECK(old.status == 200);
  CHECK(world.until_of(json_of(old)) == kNow + 3 * kTermS);
  CHECK(world.engine->counters().renewed_contracts == 2);
  // One that ends earlier than the contract itself is answered too, before there is any.
  RenewWorld fresh;
  const net::Response shorter = fresh.renew([](auto& r) {
    r.from_unix_s = kNow;
    r.until_unix_s = kNow + kTermS;
  });
  CHECK(shorter.status == 200);
  CHECK(json_of(shorter).at("until").get<std::int64_t>() == kNow + kTermS);
  CHECK_FALSE(json_of(shorter).contains("renewal"));
}

TEST_CASE("what is no renewal of this contract is refused") {
  RenewWorld world({.price = 5});
  const auto refused = [&](auto change, int status, std::string_view code, std::string_view part) {
    CAPTURE(part);
    check_refusal(world.renew(change), status, code, part);
  };
  check_refusal(world.ask(Method::post, "/v1/contracts/" + world.piece.hex(), &world.peer.tls), 400, "usage",
                "Inxt-Renewal");
  check_refusal(world.renew_with("x", &world.peer.tls), 422, "integrity", "three parts");
  check_refusal(world.renew_with(std::string(1601, 'x'), &world.peer.tls), 422, "integrity",
                "kRenewalTokenBytesMax");
  const std::string good = *format::sign_renewal(world.good, world.control);
  check_refusal(world.renew_with(good, nullptr), 401, "denied");
  check_refusal(world.renew_with(good, &world.stranger.tls), 403, "denied", "not accepted");

  refused([](auto& r) { r.expires_unix_s = kNow - 4000; }, 403, "denied", "expired");
  refused([](auto& r) { r.issued_unix_s = kNow + 4000; }, 403, "denied", "future");
  refused([](auto& r) { r.host.bytes[1] ^= std::byte{1}; }, 403, "denied", "another Host");
  refused([](auto& r) { r.piece.bytes[1] ^= std::byte{1}; }, 403, "denied", "another piece");
  refused([&](auto& r) { r.account = world.stranger.id; }, 403, "denied", "another account");
  refused([](auto& r) { r.contract[1] ^= std::byte{1}; }, 403, "denied", "another contract");
  refused([](auto& r) { r.price = 4; }, 403, "denied", "price_min");
  refused([](auto& r) { r.until_unix_s = kNow + 400 * 86400; }, 403, "denied", "term_seconds_max");
  refused([](auto& r) { r.from_unix_s -= 1; }, 409, "integrity", "from");
  refused([](auto& r) { r.from_unix_s += 1; }, 409, "integrity", "from");
  format::Renewal by_account = world.good;
  by_account.control = world.peer.key.public_key();
  check_refusal(world.renew_with(*format::sign_renewal(by_account, world.peer.key), &world.peer.tls), 403,
                "denied", "control key");
  CHECK_FALSE(world.contract().contains("renewal"));
  CHECK(world.renew([](auto& r) { r.price = 6; }).status == 200);
}

TEST_CASE("a term that has ended is renewed while the piece is there, and not into the past") {
  RenewWorld world;
  world.clock.advance_ms((kTermS + 86400) * 1000);
  const auto later = [&](std::int64_t until) {
    return world.renew([&](auto& r) {
      r.until_unix_s = until;
      r.issued_unix_s = kNow + kTermS + 86400;
      r.expires_unix_s = r.issued_unix_s + 600;
    });
  };
  check_refusal(later(kNow + kTermS + 3600), 403, "denied", "term is over");
  CHECK(later(kNow + kTermS + 2 * 86400).status == 200);
}

TEST_CASE("a contract that is gone, or a Host that is draining, renews nothing") {
  RenewWorld world;
  world.store->set_read_only(true);
  check_refusal(world.renew(kAsItIs), 503, "try_again", "draining");
  world.store->set_read_only(false);
  REQUIRE(world.renew(kAsItIs).status == 200);
  REQUIRE(world.store->remove(world.piece, world.peer.id).has_value());
  check_refusal(world.renew(kAsItIs), 404, "not_found");
  CHECK(world.store->stats().used_bytes == 0);
}

}  // namespace
}  // namespace inxt::host
