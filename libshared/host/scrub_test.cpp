// SPDX-License-Identifier: LGPL-3.0-or-later
// The background scrub over a real store: finds what has rotted, keeps its pace and its place.
#include "host/scrub.h"

#include "support/host_world.h"
#include "sys/local_time.h"

namespace inxt::host {
namespace {

using namespace inxt::testing;  // NOLINT: tests

constexpr std::int64_t kDay = 86400;

struct ScrubWorld : HostWorld {
  ScrubWorld() {
    Options options = engine->options();
    options.scrub.period_s = 10 * kDay;
    options.scrub.bytes_per_s_max = std::uint64_t{1} << 40;
    engine->set_options(options);
  }
  void begin() {
    scrub.emplace(*engine, *directory);
    loop.run(scrub->begin());
  }
  /// The scrub's life for some time.
  void live(std::int64_t seconds) {
    const std::int64_t end_ms = clock.steady_ms() + seconds * 1000;
    while (clock.steady_ms() < end_ms) {
      const std::chrono::milliseconds wait = loop.run(scrub->step());
      clock.advance_ms(std::max<std::int64_t>(wait.count(), 1));
    }
  }
  std::vector<PieceId> put_some(std::uint64_t count) {
    std::vector<PieceId> pieces;
    for (std::uint64_t i = 0; i < count; ++i) {
      const Bytes body = noise(4000 + 1000 * (i % 5), i);
      REQUIRE(put(body).status == 201);
      pieces.push_back(proof::piece_id_of(body));
    }
    return pieces;
  }
  std::optional<Scrub> scrub;
};

TEST_CASE("every piece is read once in a period, and one that has rotted is found") {
  ScrubWorld world;
  const auto pieces = world.put_some(20);
  world.damage(pieces[7], 100);
  world.begin();
  world.live(10 * kDay);
  const ScrubReport& status = world.engine->scrub_report();
  CHECK(status.pass.pieces + status.last.pieces == 20);
  CHECK(world.engine->counters().scrub_damaged == 1);
  CHECK(world.engine->counters().scrubbed_pieces == 20);
  REQUIRE(status.findings.size() == 1);
  CHECK(status.findings[0].piece == pieces[7]);
  CHECK(status.findings[0].account == world.peer.id);
  CHECK(world.logged.find("event=damaged piece=" + pieces[7].hex()) != std::string::npos);
  CHECK_FALSE(fs::exists(world.file_of(pieces[7])));  // in the quarantine, for the operator to look at
  CHECK(world.store->stats().quarantined.pieces == 1);
  check_refusal(world.get(pieces[7]), 404, "not_found");
  for (std::size_t i = 0; i < pieces.size(); ++i)
    if (i != 7) CHECK(world.get(pieces[i]).status == 200);
  // And its owner puts it again.
  const Bytes body = noise(4000 + 1000 * 2, 7);
  format::Offer offer = world.offer_for(body);
  offer.issued_unix_s = world.clock.unix_s();
  offer.expires_unix_s = offer.issued_unix_s + 600;
  CHECK(world.put(body, offer).status == 201);
  world.live(kDay);
  CHECK(status.passes == 1);
  CHECK(world.logged.find("event=scrubbed pieces=20 ") != std::string::npos);
}

TEST_CASE("the work is spread evenly, and a restart goes on where it was") {
  ScrubWorld world;
  world.put_some(30);
  world.begin();
  for (int day = 1; day <= 10; ++day) {
    world.live(kDay);
    const std::uint64_t read = world.engine->counters().scrubbed_pieces;
    CHECK(read >= static_cast<std::uint64_t>(std::max(3 * day - 9, 0)));
    CHECK(read <= static_cast<std::uint64_t>(3 * day + 9));
    world.begin();  // a minute's work may be done again
  }
  CHECK(world.engine->counters().scrubbed_pieces >= 30);
  CHECK(world.engine->counters().scrubbed_pieces <= 45);
}

TEST_CASE("only in its hours; off when the period is 0; a clock set back does not stop it") {
  ScrubWorld world;
  world.put_some(12);
  Options options = world.engine->options();
  options.scrub.period_s = 0;
  world.engine->set_options(options);
  world.begin();
  world.loop.run(world.scrub->step());
  CHECK(world.engine->counters().scrubbed_pieces == 0);
  CHECK_FALSE(world.engine->scrub_report().is_on);
  options.scrub.period_s = 10 * kDay;
  const auto hour = [&](std::int64_t from_s) {
    const std::int64_t local_s = sys::local_s(world.clock.unix_s()) + from_s;
    return plan::DayWindow{static_cast<std::int32_t>(local_s % kDay / 60 * 60),
                           static_cast<std::int32_t>((local_s + 3600) % kDay / 60 * 60)};
  };
  options.scrub.hours = hour(2 * 3600);
  world.engine->set_options(options);
  world.live(3600);
  CHECK(world.engine->counters().scrubbed_pieces == 0);
  world.live(kDay * 12);
  CHECK(world.engine->counters().scrubbed_pieces > 11);

  world.engine->scrub_report().pass.began_unix_s = world.clock.unix_s() + 400 * kDay;
  world.live(kDay * 12);
  CHECK(world.engine->counters().scrubbed_pieces >= 18);
}

TEST_CASE("catching up keeps to the rate") {
  ScrubWorld world;
  world.put_some(20);
  Options options = world.engine->options();
  options.scrub.bytes_per_s_max = 20480;  // about a piece a second
  world.engine->set_options(options);
  world.begin();
  world.clock.advance_ms(9 * kDay * 1000);
  world.live(5);
  CHECK(world.engine->counters().scrubbed_pieces >= 2);
  CHECK(world.engine->counters().scrubbed_pieces <= 10);
  std::ofstream(fs::path(world.folder.path()) / "scrub.json") << "{\"cursor\":\"x\"}";
  world.begin();  // a damaged file: it begins anew
  const std::int64_t now_s = world.clock.unix_s();
  world.live(60);
  CHECK(world.engine->scrub_report().pass.began_unix_s == now_s);
}

}  // namespace
}  // namespace inxt::host
