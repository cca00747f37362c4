// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/pause_rows.h"

#include "plan/pause_allowance.h"
#include "support/bridge_hosts.h"

namespace inxt::bridge {
namespace {

using namespace inxt::testing;

constexpr std::int64_t kHour = 3600, kDay = 86400;

/// What Host 1 says now; gives until when it is paused.
template <class World>
std::int64_t say(HostsWorld<World>& world, std::int64_t now_unix_s, std::int64_t away_until_unix_s,
                 std::int64_t retiring_unix_s = 0) {
  format::Heartbeat beat;
  beat.host = host_id(1);
  beat.counter = world.host(1)->beat ? world.host(1)->beat->counter + 1 : 1;
  beat.capacity_bytes = 1000;
  beat.retiring_unix_s = retiring_unix_s;
  beat.away_until_unix_s = away_until_unix_s;
  const BeatAnswer answer = world.beat(beat, now_unix_s).value();
  CHECK(answer.beaten == Beaten::yes);
  CHECK(world.host(1)->beat->paused_until_unix_s == answer.paused_until_unix_s);
  CHECK(world.host(1)->beat->away_until_unix_s == away_until_unix_s);
  CHECK(world.host(1)->beat->retiring_unix_s == retiring_unix_s);
  return answer.paused_until_unix_s;
}

template <class World>
std::int64_t pauses(HostsWorld<World>& world) {
  return world.database()
      .read([](database::Transaction& transaction) -> Result<std::int64_t> {
        const auto rows = TRY(transaction.query("SELECT count(*) FROM host_pauses"));
        return rows[0].integer(0);
      })
      .value();
}

}  // namespace

CONTRACT(pause, "a pause is granted, shortened, prolonged and ended as the Host says") {
  HostsWorld<World> world;
  REQUIRE(world.enlist(registration_of(1)));
  CHECK(say(world, kHostsNow, 0) == 0);
  CHECK(!is_paused(*world.host(1), kHostsNow));
  CHECK(say(world, kHostsNow, kHostsNow - 5) == 0);
  CHECK(pauses(world) == 0);

  CHECK(say(world, kHostsNow, kHostsNow + 4 * kHour) == kHostsNow + 4 * kHour);
  CHECK(is_paused(*world.host(1), kHostsNow + 3 * kHour));
  CHECK(!is_paused(*world.host(1), kHostsNow + 4 * kHour));
  CHECK(say(world, kHostsNow + kHour, kHostsNow + 2 * kHour) == kHostsNow + 2 * kHour);
  CHECK(say(world, kHostsNow + kHour, kHostsNow + 6 * kHour) == kHostsNow + 6 * kHour);
  CHECK(pauses(world) == 1);
  CHECK(say(world, kHostsNow + 3 * kHour, 0) == 0);
  CHECK(!is_paused(*world.host(1), kHostsNow + 3 * kHour));
  CHECK(pauses(world) == 1);  // three hours of it count
  CHECK(say(world, kHostsNow + 4 * kHour, kHostsNow + 90 * kHour) == kHostsNow + 49 * kHour);
  CHECK(say(world, kHostsNow + 50 * kHour, kHostsNow + 90 * kHour) == 0);
}

CONTRACT(always_away, "whoever always plans to be away is paused no longer than is allowed") {
  HostsWorld<World> world;
  REQUIRE(world.enlist(registration_of(1)));
  std::int64_t paused = 0;
  for (std::int64_t now = kHostsNow; now < kHostsNow + 100 * kDay; now += 6 * kHour)
    paused += say(world, now, now + 365 * kDay) > now ? 6 * kHour : 0;
  CHECK(paused == plan::kPauseYearS);
  CHECK(say(world, kHostsNow + 400 * kDay, kHostsNow + 401 * kDay) == kHostsNow + 401 * kDay);
  CHECK(pauses(world) == 1);  // what counts no more is forgotten
}

CONTRACT(many_pauses, "very many short pauses end the allowance, and keep no more rows than that") {
  HostsWorld<World> world;
  REQUIRE(world.enlist(registration_of(1)));
  std::size_t granted = 0;
  for (std::int64_t now = kHostsNow; now < kHostsNow + 200 * 60; now += 60) {
    granted += say(world, now, now + 30) != 0;
    CHECK(say(world, now + 20, 0) == 0);
  }
  CHECK(granted == kPausesPerHostMax);
  CHECK(pauses(world) == kPausesPerHostMax);
}

CONTRACT(pause_of_former, "the successor of a key has the allowance that the key has left") {
  HostsWorld<World> world;
  REQUIRE(world.enlist(registration_of(1)));
  CHECK(say(world, kHostsNow, kHostsNow + 48 * kHour) == kHostsNow + 48 * kHour);
  const auto token = *format::sign_succession(host_id(2), kHostsNow, host_key(1));
  REQUIRE(world.enlist(registration_of(2, kHostsNow + 50 * kHour, {token}), "198.51.100.0/24", {},
                       kHostsNow + 50 * kHour));
  format::Heartbeat beat;
  beat.host = host_id(2);
  beat.counter = 1;
  beat.away_until_unix_s = kHostsNow + 60 * kHour;
  CHECK(world.beat(beat, kHostsNow + 50 * kHour)->paused_until_unix_s == 0);
}

CONTRACT(retiring, "that a Host retires is known until it says that it stays") {
  HostsWorld<World> world;
  REQUIRE(world.enlist(registration_of(1)));
  say(world, kHostsNow, 0, kHostsNow + 30 * kDay);
  CHECK(is_retiring(*world.host(1)));
  CHECK(!takes_pieces(*world.host(1), kHostsNow));
  say(world, kHostsNow, 0, 0);
  CHECK(!is_retiring(*world.host(1)));
  CHECK(takes_pieces(*world.host(1), kHostsNow));
}

}  // namespace inxt::bridge
