// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/host_rows.h"

#include "support/bridge_hosts.h"

namespace inxt::bridge {
namespace {

using namespace inxt::testing;
using database::Transaction;

template <class World>
std::optional<std::int64_t> bytes_of(HostsWorld<World>& world, int number, const AccountId& account) {
  return world.database()
      .read([&](Transaction& transaction) -> Result<std::optional<std::int64_t>> {
        const auto rows = TRY(transaction.query(
            "SELECT bytes FROM host_accounts WHERE host = $1 AND account = $2", {host_id(number), account}));
        if (rows.empty()) return std::nullopt;
        return rows[0].optional_integer(0);
      })
      .value();
}

}  // namespace

CONTRACT(registers, "a Host that registers is known with what it signed and declares") {
  HostsWorld<World> world;
  const auto given = registration_of(1);
  CHECK(world.enlist(given) == Registered::now);
  const auto known = world.host(1).value();
  CHECK(known.token == given.token);
  CHECK(known.declared == given.declared);
  CHECK(known.since_unix_s == kHostsNow);
  CHECK(!known.beat);
  CHECK(!known.measured.was_reached);
  CHECK(!world.host(2));
  CHECK(!is_live(known, kHostsNow, 60));

  const auto newer = registration_of(1, kHostsNow + 5);
  CHECK(world.enlist(newer) == Registered::again);
  CHECK(world.host(1)->token == newer.token);
  CHECK(world.enlist(given).error().code == Code::integrity);
  CHECK(world.host(1)->token == newer.token);
}

CONTRACT(beats, "a heartbeat counts once: a repeated or older one changes nothing") {
  HostsWorld<World> world;
  CHECK(world.beat(1, 7)->beaten == Beaten::unknown_host);
  REQUIRE(world.enlist(registration_of(1)));
  CHECK(world.beat(1, 7)->beaten == Beaten::yes);
  CHECK(world.host(1)->beat->free_bytes == 7);
  for (const std::uint64_t counter : {7, 6, 0}) {
    const auto old = world.beat(1, counter).value();
    CHECK(old.beaten == Beaten::old);
    CHECK(old.last_counter == 7);
    CHECK(world.host(1)->beat->free_bytes == 7);
  }
  CHECK(world.beat(1, 8)->beaten == Beaten::yes);
  CHECK(world.beat(1, format::kJsonIntegerMax)->beaten == Beaten::yes);
}

CONTRACT(accounts, "what a Host tells of accounts that nobody vouched for is not kept") {
  HostsWorld<World> world;
  REQUIRE(world.enlist(registration_of(1)));
  AccountId mine, strange;
  mine.bytes.fill(std::byte{1});
  strange.bytes.fill(std::byte{2});
  const auto expected = world.database().write(
      [&](Transaction& transaction) { return expect_account(transaction, host_id(1), mine); });
  CHECK(expected);
  CHECK(!bytes_of(world, 1, mine));
  CHECK(world.beat(1, 1, {{mine, 500}, {strange, 900}}));
  CHECK(bytes_of(world, 1, mine) == 500);
  CHECK(!bytes_of(world, 1, strange));
  CHECK(world.beat(1, 1, {{mine, 1}})->beaten == Beaten::old);  // replayed
  CHECK(bytes_of(world, 1, mine) == 500);
  const auto nobody = world.database().write(
      [&](Transaction& transaction) { return expect_account(transaction, host_id(2), mine); });
  CHECK(nobody.error().code == Code::not_found);
}

CONTRACT(crowd, "a thousand identities of one network are no more than its limit") {
  HostsWorld<World> world;
  const RegistrationLimits limits{.hosts_per_network_max = 6, .registrations_per_network_hour = 4};
  int taken = 0;
  for (int i = 1; i <= 50; ++i) {
    const auto answer = world.enlist(registration_of(i), "192.0.2.0/24", limits);
    taken += answer.has_value();
    if (!answer) {
      CHECK(answer.error().code == Code::quota);
      CHECK(answer.error().what.find("registrations_per_network_hour") != std::string::npos);
    }
  }
  CHECK(taken == 4);
  for (int i = 51; i <= 100; ++i) {  // an hour later
    const auto answer = world.enlist(registration_of(i), "192.0.2.0/24", limits, kHostsNow + 3601);
    taken += answer.has_value();
    if (!answer) CHECK(answer.error().what.find("hosts_per_network_max") != std::string::npos);
  }
  CHECK(taken == 6);
  CHECK(world.enlist(registration_of(101), "192.0.3.0/24", limits));
  CHECK(world.enlist(registration_of(1, kHostsNow + 1), "192.0.2.0/24", limits) ==
        Registered::again);  // known already
}

CONTRACT(succession,
         "a key that was given up registers no more, and what was known goes on under the new one") {
  HostsWorld<World> world;
  REQUIRE(world.enlist(registration_of(1)));
  AccountId account;
  account.bytes.fill(std::byte{1});
  REQUIRE(world.database().write(
      [&](Transaction& transaction) { return expect_account(transaction, host_id(1), account); }));
  REQUIRE(world.beat(1, 1, {{account, 5}}));
  const auto token = *format::sign_succession(host_id(2), kHostsNow, host_key(1));
  REQUIRE(world.enlist(registration_of(2, kHostsNow + 9, {token}), "198.51.100.0/24", {}, kHostsNow + 9));
  CHECK(!world.host(1));
  CHECK(world.host(2)->since_unix_s == kHostsNow);
  CHECK(bytes_of(world, 2, account) == 5);
  CHECK(world.enlist(registration_of(1, kHostsNow + 10)).error().code == Code::denied);

  const auto other = *format::sign_succession(host_id(3), kHostsNow, host_key(1));
  const auto stolen = world.enlist(registration_of(3, kHostsNow + 20, {other}));
  CHECK(stolen.error().code == Code::denied);
  CHECK(!world.host(3));
}

CONTRACT(successors, "keys that follow each other quickly, or many to one, are no way around the limits") {
  HostsWorld<World> world;
  REQUIRE(world.enlist(registration_of(1), "192.0.2.0/24", {}, kHostsNow - 7200));
  const auto link = [](int from, int to) {
    return *format::sign_succession(host_id(to), kHostsNow, host_key(from));
  };
  const auto follow = [&](int from, int to, std::int64_t now) {
    return world.enlist(registration_of(to, now, {link(from, to)}), "198.51.100.0/24", {}, now);
  };
  REQUIRE(follow(1, 2, kHostsNow));
  CHECK(follow(2, 3, kHostsNow + 1).error().code == Code::quota);
  CHECK(!world.host(3));
  REQUIRE(world.host(2));
  CHECK(follow(2, 2 + 1, kHostsNow + kSuccessionGapS));
  CHECK(world.host(3)->since_unix_s == kHostsNow - 7200);
  // Another former key of the same Host: it can have but one.
  CHECK(world.enlist(registration_of(3, kHostsNow + 90'000, {link(9, 3)})).error().code == Code::denied);
}

CONTRACT(pages, "all Hosts are read page by page, and those that changed") {
  HostsWorld<World> world;
  for (int i = 1; i <= 7; ++i)
    REQUIRE(world.enlist(registration_of(i), "192.0.2.0/24", {}, kHostsNow - 100 * i));
  REQUIRE(world.beat(5, 1));
  const auto read = [&](std::optional<std::int64_t> changed, const std::optional<HostId>& after,
                        std::int64_t limit) {
    return world.database()
        .read([&](Transaction& transaction) {
          return read_hosts_changed(transaction, changed, after, limit, {});
        })
        .value();
  };
  std::optional<HostId> after;
  std::size_t seen = 0;
  for (;;) {
    const auto page = read(std::nullopt, after, 3);
    if (page.empty()) break;
    for (const auto& host : page) {
      CHECK((!after || host.id() > *after));
      after = host.id();
      ++seen;
    }
  }
  CHECK(seen == 7);
  CHECK(read(kHostsNow - 250, std::nullopt, 100).size() == 3);  // 1 and 2 registered, 5 has beaten
  CHECK(read(kHostsNow + 1, std::nullopt, 100).empty());
}

CONTRACT(forgets, "Hosts that were never reached are forgotten, others stay") {
  HostsWorld<World> world;
  for (int i = 1; i <= 3; ++i) REQUIRE(world.enlist(registration_of(i)));
  const auto reached = world.database().write([&](Transaction& transaction) {
    return transaction.execute("UPDATE host_measures SET was_reached = 1 WHERE host = $1", {host_id(2)});
  });
  CHECK(reached == 1);
  const auto forget = [&](std::int64_t before) {
    return world.database()
        .write([&](Transaction& transaction) { return forget_never_reached(transaction, before, 10); })
        .value();
  };
  CHECK(forget(kHostsNow) == 0);
  CHECK(forget(kHostsNow + 1) == 2);
  CHECK(world.host(2));
  CHECK(!world.host(1));
}

}  // namespace inxt::bridge
