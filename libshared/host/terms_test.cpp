// SPDX-License-Identifier: LGPL-3.0-or-later
// Contracts from their offer to their end: lists, limits, grace, reaping with clocks that jump, drain.
#include "format/voucher.h"
#include "host/drain.h"
#include "host/reaper.h"
#include "host/traffic.h"
#include "serve/state_file.h"
#include "support/host_world.h"

namespace inxt::host {
namespace {

using namespace inxt::testing;  // NOLINT: tests

constexpr std::int64_t kDay = 86400;

/// A Host whose reaper reads clocks that are moved by hand.
struct TermsWorld : HostWorld {
  explicit TermsWorld(Setup setup = {}) : HostWorld(setup) {}

  void begin() {
    reaper.emplace(*engine, *directory, [this] {
      return plan::ClockReading{clock.unix_s() + wall_ahead_s, clock.steady_ms(), is_vouched_for};
    });
    loop.run(reaper->begin());
  }
  /// The reaper's life for some time.  What it deleted.
  std::uint64_t live(std::int64_t seconds, std::int64_t step_s = 60) {
    std::uint64_t reaped = 0;
    for (std::int64_t done = 0; done < seconds; done += step_s) {
      clock.advance_ms(step_s * 1000);
      loop.run(reaper->look());
      if (done % 600 < step_s) reaped += loop.run(reaper->reap());
    }
    return reaped;
  }
  PieceId put_until(std::uint64_t seed, std::int64_t until_s) {
    const Bytes body = noise(5000, seed);
    format::Offer offer = offer_for(body);
    offer.issued_unix_s = clock.unix_s();
    offer.expires_unix_s = clock.unix_s() + 600;
    offer.until_unix_s = until_s;
    REQUIRE(put(body, offer).status == 201);
    return proof::piece_id_of(body);
  }

  std::int64_t wall_ahead_s = 0;
  bool is_vouched_for = false;
  std::optional<Reaper> reaper;
};

TEST_CASE("a contract is readable until its grace is over, and then its room is free") {
  TermsWorld world;
  world.begin();
  const PieceId brief = world.put_until(1, kNow + kDay);
  const PieceId lasting = world.put_until(2, kNow + 300 * kDay);
  const std::uint64_t used = world.store->stats().used_bytes;
  CHECK(world.live(kDay + 13 * kDay, 600) == 0);
  CHECK(world.get(brief).status == 200);  // in its grace
  CHECK(world.live(kDay + 1200, 600) == 1);
  check_refusal(world.get(brief), 404, "not_found");
  CHECK(world.get(lasting).status == 200);
  CHECK(world.store->stats().used_bytes == used / 2);
  CHECK_FALSE(fs::exists(world.file_of(brief)));
  CHECK(world.logged.find("event=reaped") != std::string::npos);
  CHECK(world.engine->counters().reaped_pieces == 1);
  CHECK(world.engine->counters().reaped_bytes == used / 2);
}

TEST_CASE("the grace is the operator's") {
  TermsWorld world;
  Options options = world.engine->options();
  options.grace_s = 60;
  world.engine->set_options(options);
  world.begin();
  world.put_until(1, kNow + 100);
  CHECK(world.live(120) == 0);
  CHECK(world.live(700) == 1);
}

TEST_CASE("clock jumps delete nothing, whatever happens in between") {
  TermsWorld world;
  Options options = world.engine->options();
  options.grace_s = 0;
  world.engine->set_options(options);
  world.begin();
  for (std::uint64_t i = 0; i < 5; ++i)
    world.put_until(i, kNow + static_cast<std::int64_t>(30 + 60 * i) * kDay);
  world.live(600);
  for (const std::int64_t ahead_s : {50 * kDay, 20 * 365 * kDay, -kNow, 7 * kDay}) {
    CAPTURE(ahead_s);
    world.wall_ahead_s = ahead_s;
    CHECK(world.live(kDay, 600) == 0);
    world.begin();  // a restart of the program meanwhile
    CHECK(world.live(kDay, 600) == 0);
    world.wall_ahead_s = 0;
    CHECK(world.live(3600, 600) == 0);
  }
  CHECK(world.store->stats().pieces == 5);
  CHECK(world.logged.find("event=clock-jumped-ahead") != std::string::npos);
  CHECK(world.logged.find("event=clock-jumped-back") != std::string::npos);
  // A jump that stays is right in the end.
  world.wall_ahead_s = 50 * kDay;
  CHECK(world.live(4 * kDay, 600) == 0);
  CHECK(world.live(2 * kDay, 600) == 1);
  CHECK(world.logged.find("event=clock-believed") != std::string::npos);
}

TEST_CASE("a store without its clock file is not reaped until the clock has proved itself") {
  TermsWorld world;
  world.begin();
  world.put_until(1, kNow + kDay);
  world.clock.advance_ms(400 * kDay * 1000);
  fs::remove(fs::path(world.folder.path()) / "clock.json");
  world.begin();
  CHECK_FALSE(world.engine->clock_report().trusted_unix_s.has_value());
  CHECK(world.live(2 * kDay, 600) == 0);
  CHECK(world.live(2 * kDay, 600) == 1);
  // A damaged one counts as none.
  std::ofstream(fs::path(world.folder.path()) / "clock.json") << "{\"trusted\":9e99}";
  world.begin();
  CHECK_FALSE(world.engine->clock_report().trusted_unix_s.has_value());
  world.is_vouched_for = true;
  world.live(60);
  CHECK(world.engine->clock_report().trusted_unix_s.has_value());
}

TEST_CASE("many ended contracts go in one turn, and the rest stays") {
  TermsWorld world;
  world.begin();
  for (std::uint64_t i = 0; i < 70; ++i) world.put_until(i, kNow + (i % 2 == 0 ? kDay : 300 * kDay));
  world.clock.advance_ms(20 * kDay * 1000);
  world.loop.run(world.reaper->look());
  CHECK(world.loop.run(world.reaper->reap()) == 35);
  CHECK(world.store->stats().pieces == 35);
}

TEST_CASE("a piece whose grace is over can be put again, for a new term; not before") {
  TermsWorld world;
  world.begin();
  const PieceId piece = world.put_until(1, kNow + kDay);
  const auto put_again = [&](const Bytes& body) {
    format::Offer offer = world.offer_for(noise(5000, 1));
    offer.issued_unix_s = world.clock.unix_s();
    offer.expires_unix_s = world.clock.unix_s() + 600;
    offer.until_unix_s = kNow + 100 * kDay;
    return world.put(piece, body, *format::sign_offer(offer, world.peer.key), &world.peer.tls);
  };
  const auto later = [&](std::int64_t seconds) {
    world.clock.advance_ms(seconds * 1000);
    world.loop.run(world.reaper->look());
  };
  later(2 * kDay);
  check_refusal(put_again(noise(5000, 1)), 409, "try_again", "term is over");
  check_refusal(put_again(noise(5000, 2)), 409, "try_again", "term is over");
  CHECK(world.get(piece).status == 200);
  world.wall_ahead_s = 1000 * kDay;  // a clock that nobody believes
  later(60);
  check_refusal(put_again(noise(5000, 1)), 409, "try_again", "term is over");
  world.wall_ahead_s = 0;
  later(60);
  later(14 * kDay);
  world.engine->set_draining(true);
  CHECK(put_again(noise(5000, 1)).status == 409);
  CHECK(world.store->stats().pieces == 1);
  world.engine->set_draining(false);
  CHECK(put_again(noise(5000, 1)).status == 201);
  CHECK(world.store->stats().pieces == 1);
  CHECK(world.live(30 * kDay, 3600) == 0);
  CHECK(world.get(piece).status == 200);
}

TEST_CASE("who is denied stores nothing, and reads what it has") {
  HostWorld world({.accept_any = true});
  const Bytes body = noise(5000, 1);
  const PieceId piece = proof::piece_id_of(body);
  REQUIRE(world.put(body).status == 201);
  Options options = world.engine->options();
  options.deny = *PeerList::parse("account " + world.peer.id.hex());
  world.engine->set_options(options);
  check_refusal(world.put(noise(5000, 2)), 403, "denied", "denied by this Host");
  CHECK(world.get(piece).body == body);
  CHECK(world.ask(Method::head, HostWorld::path(piece), &world.peer.tls).status == 200);
  CHECK(world.ask(Method::get, "/v1/contracts", &world.peer.tls).status == 200);
  CHECK(world.ask(Method::get, "/v1/contracts/" + piece.hex(), &world.peer.tls).status == 200);
  // Not what others have.
  const Bytes other = noise(6000, 3);
  format::Offer offer = world.offer_for(other);
  offer.account = world.stranger.id;
  REQUIRE(world
              .put(proof::piece_id_of(other), other, *format::sign_offer(offer, world.stranger.key),
                   &world.stranger.tls)
              .status == 201);
  check_refusal(world.get(proof::piece_id_of(other)), 403, "denied");
}

TEST_CASE("a voucher of an accepted Bridge opens the door") {
  HostWorld world;
  const crypto::SigningKey bridge = key_number(50), unknown = key_number(51);
  Options options = world.engine->options();
  options.accept = *AcceptList::parse("bridge " + to_hex(bridge.public_key()));
  world.engine->set_options(options);
  const Bytes body = noise(5000, 1);
  const auto put_with = [&](const crypto::SigningKey& signer, auto change) {
    format::Voucher voucher;
    voucher.bridge = signer.public_key();
    voucher.account = world.peer.id;
    voucher.issued_unix_s = kNow;
    voucher.expires_unix_s = kNow + kDay;
    change(voucher);
    net::Request request(Method::put, HostWorld::path(proof::piece_id_of(body)));
    request.headers.push_back(Header("Inxt-Offer", world.token_for(body)));
    request.headers.push_back(Header("Inxt-Voucher", *format::sign_voucher(voucher, signer)));
    request.body = body;
    return world.send(std::move(request), &world.peer.tls);
  };
  const auto as_it_is = [](auto&) {};
  check_refusal(world.put(body), 403, "denied", "not accepted");
  check_refusal(put_with(unknown, as_it_is), 403, "denied", "Bridge is not accepted");
  check_refusal(put_with(bridge, [&](auto& v) { v.account = world.stranger.id; }), 403, "denied");
  check_refusal(put_with(bridge, [](auto& v) { v.host = HostId{}; }), 403, "denied");
  check_refusal(put_with(bridge, [](auto& v) { v.expires_unix_s = kNow - 4000; }), 403, "denied");
  options.deny = *PeerList::parse("bridge " + to_hex(bridge.public_key()));
  world.engine->set_options(options);
  check_refusal(put_with(bridge, as_it_is), 403, "denied", "Bridge is denied");
  options.deny = *PeerList::parse("account " + world.peer.id.hex());
  world.engine->set_options(options);
  check_refusal(put_with(bridge, as_it_is), 403, "denied", "denied by this Host");
  options.deny = {};
  world.engine->set_options(options);
  CHECK(put_with(bridge, [&](auto& v) { v.host = world.engine->id(); }).status == 201);
  CHECK(world.get(proof::piece_id_of(body)).status == 200);  // it has a contract now: no voucher needed
}

TEST_CASE("over the month's traffic nothing new comes in, and what is here stays readable") {
  HostWorld world;
  const Bytes body = noise(5000, 1);
  REQUIRE(world.put(body).status == 201);
  Options options = world.engine->options();
  options.traffic_bytes_per_month = 100'000;
  world.engine->set_options(options);
  world.engine->traffic().count(90'000, 4'000, kNow);
  CHECK(world.put(noise(6000, 2)).status == 201);  // exactly
  const net::Response refused = world.put(noise(6001, 3));
  check_refusal(refused, 429, "try_again", "traffic_bytes_per_month");
  CHECK(refused.header("Retry-After") == "86400");
  CHECK(json_of(refused).at("limit") == "traffic_bytes_per_month");
  CHECK(json_of(refused).at("retry_after_ms").get<std::int64_t>() == 86'400'000);
  CHECK(world.get(proof::piece_id_of(body)).status == 200);
  CHECK(world.ask(Method::get, "/v1/contracts", &world.peer.tls).status == 200);

  REQUIRE(save_traffic(*world.engine, *world.directory).has_value());
  world.engine->traffic() = {};
  REQUIRE(load_traffic(*world.engine, *world.directory).has_value());
  CHECK(world.engine->traffic().bytes() == 94'000);
  world.clock.advance_ms(32 * kDay * 1000);
  REQUIRE(load_traffic(*world.engine, *world.directory).has_value());
  CHECK(world.engine->traffic().bytes() == 0);
  std::ofstream(fs::path(world.folder.path()) / "traffic.json") << "{}";
  CHECK(load_traffic(*world.engine, *world.directory).error().code == Code::integrity);
}

TEST_CASE("draining: nothing new, everything else") {
  HostWorld world;
  const Bytes body = noise(5000, 1);
  const PieceId piece = proof::piece_id_of(body);
  REQUIRE(world.put(body).status == 201);
  REQUIRE(world.loop.run(set_drain(*world.engine, *world.directory, true)).has_value());
  check_refusal(world.put(noise(5000, 2)), 503, "try_again", "draining");
  CHECK(world.get(piece).body == body);
  const net::Response line = world.ask(Method::get, "/v1/descriptor", nullptr);
  std::string_view text = text_of(line.body);
  text.remove_suffix(1);
  CHECK(format::open_hosts_line(text, "line")->free_bytes == 0);

  world.engine->set_draining(false);  // as after a restart
  REQUIRE(load_drain(*world.engine, *world.directory).has_value());
  CHECK(world.engine->is_draining());
  check_refusal(world.put(noise(5000, 2)), 503, "try_again", "draining");
  format::Deletion deletion;
  deletion.control = world.control.public_key();
  deletion.host = world.engine->id();
  deletion.piece = piece;
  deletion.account = world.peer.id;
  deletion.issued_unix_s = kNow;
  deletion.expires_unix_s = kNow + 60;
  CHECK(world
            .ask(Method::delete_, HostWorld::path(piece), &world.peer.tls,
                 {Header("Inxt-Deletion", *format::sign_deletion(deletion, world.control))})
            .status == 200);
  CHECK(world.loop.run(command_drain(*world.engine, *world.directory, "{\"on\":1}")).error().code ==
        Code::integrity);
  CHECK(world.engine->is_draining());
  CHECK(*world.loop.run(command_drain(*world.engine, *world.directory, "{\"on\":false}\n")) ==
        "{\"draining\":false}");
  CHECK(world.put(noise(5000, 2)).status == 201);
  CHECK_FALSE(serve::read_state(*world.directory, kDrainFile)->has_value());
}

TEST_CASE("a full Host says so, with what is free and which limit it was, and no names of its disk") {
  HostWorld world({.capacity_bytes = store::file_bytes(5000)});
  const Bytes body = noise(5000, 1);
  REQUIRE(world.put(body).status == 201);
  const net::Response full = world.put(noise(5000, 2));
  check_refusal(full, 507, "quota");
  CHECK(json_of(full).at("limit") == "capacity_bytes");
  CHECK(json_of(full).at("free_bytes") == 0);
  CHECK(text_of(full.body).find(world.folder.path()) == std::string_view::npos);
  world.store->set_limits(std::uint64_t{1} << 40, std::uint64_t{1} << 60);
  const net::Response reserved = world.put(noise(5000, 2));
  check_refusal(reserved, 507, "quota");
  CHECK(json_of(reserved).at("limit") == "reserve_bytes");
  CHECK(world.get(proof::piece_id_of(body)).status == 200);
  // A file that has gone: the log has its path, the peer has not.
  fs::remove(world.file_of(proof::piece_id_of(body)));
  const net::Response gone = world.get(proof::piece_id_of(body));
  CHECK(gone.status == 404);
  CHECK(text_of(gone.body).find(world.folder.path()) == std::string_view::npos);
}

}  // namespace
}  // namespace inxt::host
