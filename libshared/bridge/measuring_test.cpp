// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/measuring.h"

#include <atomic>
#include <map>
#include <set>

#include "net/event_loop.h"
#include "serve/background.h"
#include "support/bridge_hosts.h"

namespace inxt::bridge {
namespace {

using namespace inxt::testing;
using database::Transaction;

template <class World>
std::vector<MeasureClaim> claim(HostsWorld<World>& world, std::int64_t now_unix_s, std::int64_t limit = 100) {
  return world.database()
      .write([&](Transaction& transaction) { return claim_hosts(transaction, now_unix_s, limit); })
      .value();
}

template <class World>
bool save(HostsWorld<World>& world, const MeasureClaim& its, const MeasureOutcome& outcome,
          std::int64_t now_unix_s, const MeasureIntervals& intervals = {}) {
  return world.database()
      .write([&](Transaction& transaction) {
        return save_measures(transaction, its, outcome, intervals, now_unix_s, /*random=*/0);
      })
      .value();
}

MeasureOutcome reached() {
  MeasureOutcome out;
  out.reached = Reached{.address = "8.8.8.8:4242", .ip = "8.8.8.8", .rtt_us = 12'000};
  out.network = "8.8.8.0/24";
  return out;
}

ProbedSpeed speed(int piece, std::int64_t until_unix_s) {
  ProbedSpeed out;
  out.piece.bytes.fill(static_cast<std::byte>(piece));
  out.bytes = kProbePieceBytes;
  out.until_unix_s = until_unix_s;
  out.up_bytes_per_s = 5'000'000;
  out.down_bytes_per_s = 3'000'000;
  return out;
}

/// Answers as it is told; counts who was asked.
class FakeProber final : public HostProber {
 public:
  net::Awaitable<Result<Reached>> reach(const format::Descriptor& host) override {
    ++asked[host.host];
    co_await net::sleep_for(std::chrono::milliseconds(1));
    if (const auto found = errors.find(host.host); found != errors.end())
      co_return std::unexpected(found->second);
    Reached out{.address = host.addresses.front(), .ip = "8.8.8.8", .rtt_us = 900};
    co_return out;
  }
  net::Awaitable<Result<ProbedSpeed>> measure_speed(const format::Descriptor& host,
                                                    const std::string&) override {
    if (slow.contains(host.host)) co_await net::sleep_for(std::chrono::seconds(3600));
    co_return speed(++pieces, kHostsNow + 2 * 86400);
  }
  net::Awaitable<Result<bool>> audit(const format::Descriptor&, const std::string&, const PieceId&,
                                     std::uint32_t) override {
    co_return holds;
  }

  std::map<HostId, int> asked;
  std::map<HostId, Error> errors;
  std::set<HostId> slow;
  bool holds = true;
  int pieces = 0;
};

/// Measures as one process would.
struct Process {
  Process(net::EventLoop& loop, database::Database& database, const sys::Clock& clock,
          const MeasureIntervals& intervals = {})
      : background(loop.executor()),
        measuring(loop.executor(),
                  {.database = database,
                   .workers = workers,
                   .clock = clock,
                   .random = random,
                   .log = log,
                   .prober = prober},
                  intervals) {
    background.start(measuring.run_claims());
    background.start(measuring.run_renewals());
    for (std::size_t i = 0; i < kMeasuredAtOnce; ++i) background.start(measuring.run_worker());
  }

  /// Hosts that were looked at, and whose measures are kept; 0 while there is one under way.
  std::size_t done() const {
    const auto& counts = measuring.counts();
    return counts.now > 0 ? 0 : counts.reached + counts.unreached;
  }

  FakeProber prober;
  net::WorkerPool workers;
  crypto::SeededRandom random{1};
  sys::SystemClock log_clock;
  serve::Log log{log_clock, serve::LogLevel::error, [](std::string_view) {}};
  serve::Background background;
  Measuring measuring;
};

/// Until `is_done`, then stops all; bounded.
template <class IsDone>
void run(net::EventLoop& loop, std::vector<Process*> processes, const IsDone& is_done) {
  const auto drive = [](std::vector<Process*> all, const IsDone& ready) -> net::Awaitable<void> {
    for (int i = 0; i < 3000 && !ready(); ++i) co_await net::sleep_for(std::chrono::milliseconds(10));
    for (Process* process : all) co_await process->background.stop();
  };
  loop.run(drive(std::move(processes), is_done));
}

}  // namespace

CONTRACT(paused, "a probe that a paused Host does not answer costs it no uptime; one past the pause does") {
  HostsWorld<World> world;
  REQUIRE(world.enlist(registration_of(1)));
  const auto look = [&](std::int64_t now_unix_s, bool answers) {
    const auto claims = claim(world, now_unix_s);
    REQUIRE(claims.size() == 1);
    CHECK(save(world, claims[0], answers ? reached() : MeasureOutcome{}, now_unix_s));
    return world.host(1)->measured;
  };
  CHECK(look(kHostsNow, true).uptime.day == 10'000);
  format::Heartbeat beat;
  beat.host = host_id(1);
  beat.counter = 1;
  beat.away_until_unix_s = kHostsNow + 4000;
  REQUIRE(world.beat(beat, kHostsNow)->paused_until_unix_s == kHostsNow + 4000);
  const auto away = look(kHostsNow + 2000, false);
  CHECK(!away.is_reachable);
  CHECK(away.uptime.day == 10'000);
  CHECK(look(kHostsNow + 4000, false).uptime.day == 5'000);
}

CONTRACT(claims, "a Host that is claimed is nobody else's, until the claim runs out") {
  HostsWorld<World> world;
  for (int i = 1; i <= 5; ++i) REQUIRE(world.enlist(registration_of(i)));
  const auto first = claim(world, kHostsNow, 3);
  CHECK(first.size() == 3);
  CHECK(claim(world, kHostsNow, 100).size() == 2);
  CHECK(claim(world, kHostsNow + kMeasureLeaseS - 1).empty());
  const auto again = claim(world, kHostsNow + kMeasureLeaseS);
  CHECK(again.size() == 5);
  CHECK(!save(world, first[0], reached(), kHostsNow + kMeasureLeaseS));  // it came too late
  CHECK(!world.host(1)->measured.was_reached);
  const auto renew = [&](const MeasureClaim& its, std::int64_t now_unix_s) {
    return world.database()
        .write([&](Transaction& transaction) { return renew_claim(transaction, its, now_unix_s); })
        .value();
  };
  CHECK(!renew(first[0], kHostsNow + kMeasureLeaseS));
  auto renewed = again[0];
  const auto until = renew(renewed, kHostsNow + kMeasureLeaseS + 10);
  REQUIRE(until == kHostsNow + 2 * kMeasureLeaseS + 10);
  CHECK(!save(world, renewed, reached(), kHostsNow + kMeasureLeaseS));  // it is another claim now
  renewed.claimed_until_unix_s = *until;
  CHECK(claim(world, *until - 1).size() == 4);
  const auto last = claim(world, *until);
  REQUIRE(last.size() == 1);
  CHECK(last[0].host.id() == renewed.host.id());
  CHECK(!renew(renewed, *until));
  for (int i = 1; i <= 5; ++i) CHECK(!world.host(i)->measured.was_reached);
}

CONTRACT(turns, "a Host that was measured has its next turn at the interval") {
  HostsWorld<World> world;
  for (int i = 1; i <= 5; ++i) REQUIRE(world.enlist(registration_of(i)));
  const auto again = claim(world, kHostsNow + kMeasureLeaseS);
  REQUIRE(again.size() == 5);
  for (const auto& its : again) CHECK(save(world, its, reached(), kHostsNow + kMeasureLeaseS));
  CHECK(world.host(1)->measured.is_reachable);
  CHECK(claim(world, kHostsNow + kMeasureLeaseS + 299).empty());
  CHECK(claim(world, kHostsNow + kMeasureLeaseS + 300).size() == 5);
}

CONTRACT(renewals,
         "a claim is renewed while its Host is looked at, and runs out soon after its process died") {
  HostsWorld<World> world;
  REQUIRE(world.enlist(registration_of(1)));
  const auto claimed_until = [&] {
    const auto ask = [](Transaction& transaction) -> Result<std::int64_t> {
      const database::Rows rows = TRY(transaction.query("SELECT claimed_until FROM host_measures", {}));
      return rows[0].integer(0);
    };
    return world.database().read(ask).value();
  };
  sys::ManualClock clock(kHostsNow);
  net::EventLoop loop;
  const auto other_connection = open(world.world());
  const MeasureIntervals intervals{.closer_ms_max = 3'600'000, .renew_ms = 5};
  std::optional<Process> one, two;
  one.emplace(loop, world.database(), clock, intervals);
  one->prober.slow.insert(host_id(1));
  const auto until = [](auto is_so) -> net::Awaitable<void> {
    for (int i = 0; i < 6000 && !is_so(); ++i) co_await net::sleep_for(std::chrono::milliseconds(10));
  };
  const auto drive = [&]() -> net::Awaitable<void> {
    co_await until([&] { return one->measuring.counts().reached == 1; });
    two.emplace(loop, *other_connection, clock, intervals);
    for (int i = 0; i < 8; ++i) {
      clock.advance_ms(kMeasureLeaseS * 800);  // so that nothing but renewals keeps the claim
      co_await until([&] { return claimed_until() == clock.unix_s() + kMeasureLeaseS; });
    }
    co_await net::sleep_for(std::chrono::milliseconds(kClaimPauseMs * 3 / 2));
    CHECK(one->measuring.counts().now == 1);
    CHECK(two->prober.asked.empty());
    co_await one->background.stop();
    clock.advance_ms((kMeasureLeaseS - 1) * 1000);
    co_await net::sleep_for(std::chrono::milliseconds(kClaimPauseMs * 3 / 2));
    CHECK(two->prober.asked.empty());
    clock.advance_ms(1000);
    co_await until([&] { return two->done() == 1; });
    CHECK(two->prober.asked[host_id(1)] == 1);
    co_await until([&] { return claimed_until() == 0; });
    co_await two->background.stop();
  };
  loop.run(drive());
  CHECK(world.host(1)->measured.is_reachable);
  CHECK(world.host(1)->measured.down_bytes_per_s == 3'000'000);
}

CONTRACT(probes, "probes make uptime; an address that answers is a network") {
  HostsWorld<World> world;
  REQUIRE(world.enlist(registration_of(1)));
  std::int64_t now = kHostsNow;
  for (int i = 0; i < 8; ++i) {
    const auto claims = claim(world, now);
    REQUIRE(claims.size() == 1);
    REQUIRE(save(world, claims[0], i % 4 == 3 ? MeasureOutcome{} : reached(), now));
    now += 300;
  }
  const auto measured = world.host(1)->measured;
  CHECK(measured.uptime.day == 7500);
  CHECK(measured.uptime.month == 7500);
  CHECK(measured.network == "8.8.8.0/24");
  CHECK(measured.rtt_us == 12'000);
  CHECK(!measured.is_reachable);
  CHECK(measured.failures == 1);
  CHECK(measured.answered_unix_s == now - 600);
}

CONTRACT(audits, "one audit a day counts; one that fails takes them away") {
  HostsWorld<World> world;
  REQUIRE(world.enlist(registration_of(1)));
  std::int64_t now = kHostsNow;
  const auto turn = [&](std::optional<bool> audit) {
    const auto claims = claim(world, now);
    REQUIRE(claims.size() == 1);
    auto outcome = reached();
    outcome.audit = audit;
    outcome.speed_tried = true;
    outcome.speed = speed(1, now + 2 * 86400);
    REQUIRE(save(world, claims[0], outcome, now));
    now += 300;
  };
  turn(std::nullopt);
  CHECK(world.host(1)->measured.up_bytes_per_s == 5'000'000);
  CHECK(claim(world, now)[0].probe->bytes == kProbePieceBytes);
  CHECK(claim(world, now + kMeasureLeaseS)[0].next_speed_unix_s == kHostsNow + 86400);
  now += 2 * kMeasureLeaseS;
  turn(true);
  turn(true);
  CHECK(world.host(1)->measured.audits_passed == 1);
  CHECK(world.host(1)->measured.audits_passed_ever == 2);
  now += 86400;
  turn(true);
  CHECK(world.host(1)->measured.audits_passed == 2);
  turn(false);
  CHECK(world.host(1)->measured.audits_passed == 0);
  CHECK(world.host(1)->measured.audits_failed == 1);
  CHECK(world.host(1)->measured.audits_passed_ever == 3);
}

CONTRACT(sharing, "processes share the work: each Host is measured once") {
  HostsWorld<World> world;
  constexpr int kHosts = 60;
  for (int i = 1; i <= kHosts; ++i) REQUIRE(world.enlist(registration_of(i), "192.0.2.0/24", {1000, 1000}));
  const sys::ManualClock clock(kHostsNow);
  net::EventLoop loop;
  const auto other_connection = open(world.world());
  Process one(loop, world.database(), clock), two(loop, *other_connection, clock);
  run(loop, {&one, &two}, [&] { return one.done() + two.done() >= kHosts; });
  CHECK(one.done() + two.done() == kHosts);
  for (int i = 1; i <= kHosts; ++i) {
    CHECK(one.prober.asked[host_id(i)] + two.prober.asked[host_id(i)] == 1);
    CHECK(world.host(i)->measured.is_reachable);
    CHECK(world.host(i)->measured.down_bytes_per_s == 3'000'000);
  }
}

CONTRACT(liars, "whoever announces another's address is not reachable, and is asked less and less") {
  HostsWorld<World> world;
  REQUIRE(world.enlist(registration_of(1)));
  REQUIRE(world.enlist(registration_of(2)));
  sys::ManualClock clock(kHostsNow);
  net::EventLoop loop;
  Process process(loop, world.database(), clock);
  process.prober.errors[host_id(2)] = Error{Code::denied, "another key answers"};
  run(loop, {&process}, [&] { return process.done() >= 2; });
  CHECK(process.measuring.counts().wrong_key == 1);
  CHECK(world.host(1)->measured.is_reachable);
  CHECK(!world.host(2)->measured.is_reachable);
  CHECK(world.host(2)->measured.network.empty());
  CHECK(world.host(2)->measured.reason == "another key answers");
  REQUIRE(world.beat(2, 5));  // its heartbeats help it nothing
  CHECK(!is_live(*world.host(2), kHostsNow, 60));
  CHECK(claim(world, kHostsNow + 301).size() == 1);  // the other one
}

CONTRACT(stallers, "Hosts that take for ever hide neither themselves nor others") {
  HostsWorld<World> world;
  constexpr int kStallers = kMeasuredAtOnce + 4, kHosts = kStallers + 10;
  sys::ManualClock clock(kHostsNow);
  net::EventLoop loop;
  Process process(loop, world.database(), clock, {.closer_wait_ms = 20, .closer_ms_max = 200});
  for (int i = 1; i <= kHosts; ++i) {
    REQUIRE(world.enlist(registration_of(i), "192.0.2.0/24", {1000, 1000}));
    if (i <= kStallers) process.prober.slow.insert(host_id(i));
  }
  const auto reachable = [&] {
    int count = 0;
    for (int i = 1; i <= kHosts; ++i) count += world.host(i)->measured.is_reachable;
    return count;
  };
  run(loop, {&process},
      [&] { return process.measuring.counts().reached >= kHosts && reachable() == kHosts; });
  CHECK(reachable() == kHosts);
  CHECK(process.measuring.counts().speeds_failed >= kSpeedsAtOnce);
}

}  // namespace inxt::bridge
