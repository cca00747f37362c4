// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/host_table.h"

#include <algorithm>

#include "bridge/directory.h"
#include "net/event_loop.h"
#include "support/bridge_hosts.h"

namespace inxt::bridge {
namespace {

using namespace inxt::testing;
using database::Transaction;

template <class World>
struct TableWorld : HostsWorld<World> {
  std::shared_ptr<const HostSnapshot> snapshot() {
    auto read = loop.run(table.snapshot());
    REQUIRE(read);
    return *read;
  }
  /// As a probe would.
  void reach(int number) {
    const auto done = this->database().write([&](Transaction& transaction) {
      return transaction.execute(
          "UPDATE host_measures SET reachable = 1, was_reached = 1, changed = $2 WHERE host = $1",
          {host_id(number), clock.unix_s()});
    });
    REQUIRE(done == 1);
  }

  net::EventLoop loop;
  net::WorkerPool workers;
  sys::ManualClock clock{kHostsNow};
  HostTable table{this->database(), workers, clock};
};

std::size_t lines_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace

CONTRACT(follows, "the table follows the database; a Host keeps its place, also when it is gone") {
  TableWorld<World> world;
  REQUIRE(world.enlist(registration_of(1)));
  REQUIRE(world.enlist(registration_of(2)));
  const auto first = world.snapshot();
  CHECK(first->entries().size() == 2);
  CHECK(first->find(host_id(1))->declared.region == "eu");
  CHECK(first->find(host_id(3)) == nullptr);

  REQUIRE(world.beat(1, 9));
  CHECK(world.snapshot() == first);  // young enough
  world.clock.advance_ms(kHostTableAgeMs);
  const auto second = world.snapshot();
  CHECK(second->version() > first->version());
  CHECK(second->find(host_id(1))->beat->free_bytes == 9);
  CHECK(!first->find(host_id(1))->beat);
  CHECK(second->index_of(host_id(1)) == first->index_of(host_id(1)));

  REQUIRE(world.database().write([&](Transaction& transaction) {
    return transaction.execute("DELETE FROM hosts WHERE host = $1", {host_id(1)});
  }));
  world.clock.advance_ms(kHostTableWholeS * 1000);
  const auto third = world.snapshot();
  CHECK(third->find(host_id(1)) == nullptr);
  CHECK(third->entries()[*third->index_of(host_id(1))].is_gone);
  CHECK(third->find(host_id(2)) != nullptr);
}

CONTRACT(lists, "Hosts are listed page by page, live ones only unless all are asked for") {
  TableWorld<World> world;
  for (int i = 1; i <= 9; ++i) REQUIRE(world.enlist(registration_of(i)));
  for (int i = 1; i <= 6; ++i) world.reach(i);
  for (int i = 1; i <= 5; ++i) REQUIRE(world.beat(i, 1));
  HostLines lines;
  const auto page = [&](const HostPageQuery& query, std::int64_t now = kHostsNow) {
    return lines.page(*world.snapshot(), query, now, 60);
  };
  CHECK(lines_in(page({})) == 5);
  CHECK(lines_in(page({.after = {}, .limit = 100, .all = true})) == 9);
  CHECK(lines_in(page({}, kHostsNow + 301)) == 0);  // none has beaten lately

  std::optional<HostId> after;
  std::size_t seen = 0;
  for (;;) {
    const auto text = page({.after = after, .limit = 2, .all = false});
    if (text.empty()) break;
    CHECK(lines_in(text) <= 2);
    const auto hosts = format::read_hosts(text).value();
    for (const auto& host : hosts) {
      CHECK((!after || host.host > *after));
      after = host.host;
      ++seen;
    }
  }
  CHECK(seen == 5);

  world.clock.advance_ms(kHostTableAgeMs);
  REQUIRE(world.enlist(registration_of(10)));
  world.reach(10);
  REQUIRE(world.beat(10, 1));
  REQUIRE(world.beat(1, 77));
  const auto text = page({});
  CHECK(lines_in(text) == 6);
  CHECK(text.find("\"free_bytes\":77") != std::string::npos);
}

CONTRACT(batches, "heartbeats that come together are one commit, and each gets its own answer") {
  TableWorld<World> world;
  constexpr int kHosts = 40;
  for (int i = 1; i <= kHosts; ++i) REQUIRE(world.enlist(registration_of(i), "192.0.2.0/24", {1000, 1000}));
  HeartbeatBatch batch(world.loop.executor(), world.database(), world.workers, world.clock);
  serve::Background background(world.loop.executor());
  background.start(batch.run());
  int taken = 0, old = 0, unknown = 0, left = 0;
  const auto beat = [&](int number, std::uint64_t counter) -> net::Awaitable<void> {
    format::Heartbeat heartbeat;
    heartbeat.host = host_id(number);
    heartbeat.counter = counter;
    const Result<BeatAnswer> answer = co_await batch.take(std::move(heartbeat));
    --left;
    if (!answer) co_return;
    taken += answer->beaten == Beaten::yes;
    old += answer->beaten == Beaten::old && answer->last_counter == 5;
    unknown += answer->beaten == Beaten::unknown_host;
  };
  for (int i = 1; i <= kHosts; ++i) {
    ++left, net::spawn(world.loop.executor(), beat(i, 5));
    ++left, net::spawn(world.loop.executor(), beat(i, 5));  // replayed in the same moment
  }
  ++left, net::spawn(world.loop.executor(), beat(kHosts + 1, 5));
  const auto drive = [](const int& waiting, serve::Background& its) -> net::Awaitable<void> {
    for (int i = 0; i < 2000 && waiting > 0; ++i) co_await net::sleep_for(std::chrono::milliseconds(5));
    co_await its.stop();
  };
  world.loop.run(drive(left, background));
  CHECK(left == 0);
  CHECK(taken == kHosts);
  CHECK(old == kHosts);
  CHECK(unknown == 1);
  CHECK(batch.counts().commits <= 5);
}

TEST_CASE("a Host does not beat faster than it may") {
  BeatGaps gaps;
  CHECK(gaps.allow(host_id(1), 1000, 500));
  CHECK(!gaps.allow(host_id(1), 1499, 500));
  CHECK(gaps.allow(host_id(2), 1499, 500));
  CHECK(gaps.allow(host_id(1), 1500, 500));
  CHECK(gaps.allow(host_id(1), 100'000, 500));  // after a sweep
}

}  // namespace inxt::bridge
