// SPDX-License-Identifier: AGPL-3.0-or-later
// Permits, quotas, placements and charges over real databases.
#include "bridge/charges.h"
#include "bridge/grants.h"
#include "bridge/host_rows.h"
#include "bridge/placement_rows.h"
#include "bridge/schema.h"
#include "bridge/usage.h"
#include "crypto/random.h"
#include "format/token.h"
#include "support/database_world.h"

namespace inxt::bridge {
namespace {

using namespace inxt::testing;
using database::Transaction;
using format::Ability;

constexpr std::int64_t kStart = 1'700'000'000;
constexpr std::int64_t kBridge = 100;  // number of its key

crypto::SigningKey key_of(std::uint64_t number) {
  return crypto::SigningKey::from_seed(crypto::SeededRandom(number).bytes<32>());
}
HostId host_of(std::uint64_t number) {
  return HostId{key_of(1000 + number).public_key()};
}
AccountId account_of(std::uint64_t number) {
  return AccountId{key_of(2000 + number).public_key()};
}
PlacementId placement_of(std::uint64_t number) {
  return crypto::SeededRandom(number).bytes<16>();
}

format::PermitId id_of(std::uint64_t number) {
  return crypto::SeededRandom(3000 + number).bytes<16>();
}

/// A permit by the Bridge for key `holder`.
std::string root_permit(std::uint64_t holder, std::uint64_t quota_bytes, std::uint64_t id = 0) {
  format::Permit permit;
  permit.issuer = permit.bridge = key_of(kBridge).public_key();
  permit.holder = AccountId{key_of(holder).public_key()};
  permit.can = format::Abilities::all();
  permit.quota_bytes = quota_bytes;
  permit.issued_unix_s = kStart;
  permit.expires_unix_s = kStart + 365 * 86400;
  permit.id = id_of(id == 0 ? holder : id);
  return *format::sign_permit(permit, key_of(kBridge));
}
std::string handed_on(const std::string& chain, std::uint64_t from, std::uint64_t to,
                      std::optional<std::uint64_t> quota_bytes = {}) {
  format::Permit permit;
  permit.holder = AccountId{key_of(to).public_key()};
  permit.can = {Ability::create, Ability::list};
  permit.quota_bytes = quota_bytes;
  permit.issued_unix_s = kStart;
  permit.expires_unix_s = kStart + 86400;
  permit.id = id_of(to);
  return *format::PermitChain::open(chain)->delegate(permit, key_of(from));
}
Authority authority(const std::string& chain, std::uint64_t client) {
  auto opened =
      Authority::open(chain, key_of(kBridge).public_key(), AccountId{key_of(client).public_key()}, kStart);
  REQUIRE(opened.has_value());
  return *std::move(opened);
}

template <class World>
class AccountsWorld {
 public:
  AccountsWorld() {
    const auto migrated = database::migrate(*database_, schema(), sys::ManualClock(kStart));
    if (!migrated) FAIL(migrated.error().what);
    for (std::uint64_t number = 1; number <= 4; ++number) add_host(number);
  }
  template <class Work>
  auto write(Work work) {
    return database_->write(work);
  }
  std::int64_t used(const Authority& who) {
    return *database_->read([&](Transaction& t) { return used_bytes(t, who.path()); });
  }
  std::int64_t used_of_owner(const Authority& who) {
    return *database_->read([&](Transaction& t) { return used_bytes(t, who.paths().front()); });
  }
  std::int64_t paths() {
    return *database_->read([&](Transaction& t) -> Result<std::int64_t> {
      return TRY(t.query("SELECT COUNT(*) FROM usage"))[0].integer(0);
    });
  }
  std::int64_t room_of(std::uint64_t host) {
    return *database_->read([&](Transaction& t) -> Result<std::int64_t> {
      const auto rows = TRY(t.query("SELECT reserved_bytes FROM host_room WHERE host = $1", {host_of(host)}));
      return rows.empty() ? 0 : rows[0].integer(0);
    });
  }
  /// Hosts 1 and 2 get `bytes` each, Host 3 stands in.
  Result<Reserved> place(const Authority& who, std::uint64_t id, std::int64_t bytes,
                         std::int64_t free_bytes = 1 << 30, std::int64_t now = kStart) {
    NewPlacement placement;
    placement.id = placement_of(id);
    placement.answer = "answer";
    for (std::uint64_t host = 1; host <= 3; ++host)
      placement.hosts.push_back({.host = host_of(host),
                                 .share_bytes = bytes,
                                 .reserved_bytes = host == 3 ? 0 : bytes,
                                 .free_bytes = free_bytes});
    std::vector<HostId> full;
    auto reserved = write([&](Transaction& t) -> Result<Reserved> {
      Result<Reserved> made = reserve_placement(t, who, placement, now);
      if (!made) return made;
      full = made->full;
      if (!full.empty()) return fail(Code::try_again, "full");
      return made;
    });
    full_ = full;
    return reserved;
  }
  Result<std::vector<GivenVoucher>> vouch(const Authority& who, std::uint64_t id,
                                          std::vector<std::uint64_t> hosts,
                                          std::optional<std::int64_t> bytes = {}, std::int64_t now = kStart) {
    std::vector<WantedVoucher> wanted;
    for (const auto host : hosts)
      wanted.push_back({.host = host_of(host), .account = account_of(host), .bytes = bytes});
    return write([&](Transaction& t) { return vouch_for_placement(t, who, placement_of(id), wanted, now); });
  }
  bool end(const Authority& who, std::uint64_t id) {
    return *write([&](Transaction& t) { return end_placement(t, who.path(), placement_of(id)); });
  }
  /// Rows that are kept of accounts at Hosts.
  std::int64_t rows_of_accounts() {
    return *database_->read([&](Transaction& t) -> Result<std::int64_t> {
      const auto rows =
          TRY(t.query("SELECT (SELECT COUNT(*) FROM charges) + (SELECT COUNT(*) FROM host_accounts)"));
      return rows[0].integer(0);
    });
  }
  std::int64_t charged_at(std::uint64_t host) {
    return *database_->read([&](Transaction& t) -> Result<std::int64_t> {
      const auto rows = TRY(t.query("SELECT charged_bytes FROM host_room WHERE host = $1", {host_of(host)}));
      return rows.empty() ? 0 : rows[0].integer(0);
    });
  }
  /// The Host changes its key.
  void succeed(std::uint64_t from, std::uint64_t to, std::int64_t now) {
    format::Registration given;
    given.descriptor.host = host_of(to);
    given.descriptor.addresses = {"8.8.8.8:4242"};
    given.descriptor.issued_unix_s = now;
    given.descriptor.expires_unix_s = now + 86400;
    given.descriptor.term_seconds_max = 30 * 86400;
    given.descriptor.succession = {*format::sign_succession(host_of(to), now, key_of(1000 + from))};
    given.token = *format::sign_descriptor(given.descriptor, key_of(1000 + to));
    given.descriptor = *format::open_descriptor(given.token);
    const auto registered =
        write([&](Transaction& t) { return register_host(t, given, "192.0.2.0/24", now, {}); });
    if (!registered) FAIL(registered.error().what);
  }
  /// It says nothing of accounts.
  void beat(std::uint64_t host, std::int64_t now) {
    format::Heartbeat beat;
    beat.host = host_of(host);
    beat.counter = ++counter_;
    const auto taken = write([&](Transaction& t) { return take_heartbeat(t, beat, now); });
    REQUIRE(taken.has_value());
    REQUIRE(taken->beaten == Beaten::yes);
  }
  void tell(std::uint64_t host, std::int64_t bytes, std::int64_t now,
            std::optional<std::uint64_t> account = {}) {
    format::Heartbeat beat;
    beat.host = host_of(host);
    beat.counter = ++counter_;
    beat.accounts = {
        {.account = account_of(account.value_or(host)), .bytes = static_cast<std::uint64_t>(bytes)}};
    const auto taken = write([&](Transaction& t) { return take_heartbeat(t, beat, now); });
    REQUIRE(taken.has_value());
    REQUIRE(taken->beaten == Beaten::yes);
  }
  std::int64_t settle(std::int64_t now) {
    return *write([&](Transaction& t) { return settle_charges(t, now); });
  }
  std::vector<HostId> full_;

 private:
  void add_host(std::uint64_t number) {
    format::Registration registration;
    registration.descriptor.host = host_of(number);
    registration.descriptor.addresses = {"8.8.8.8:4242"};
    registration.descriptor.issued_unix_s = kStart;
    registration.descriptor.expires_unix_s = kStart + 86400;
    registration.token = *format::sign_descriptor(registration.descriptor, key_of(1000 + number));
    const auto added = write([&](Transaction& t) {
      return register_host(t, registration, "192.0.2.0/24", kStart, RegistrationLimits{});
    });
    REQUIRE(added.has_value());
  }

  World world_;
  std::unique_ptr<database::Database> database_ = open(world_);
  std::uint64_t counter_ = 0;
};

}  // namespace

CONTRACT(quota_holds, "a quota is what a placement reserves from, and what it reserved comes back") {
  AccountsWorld<World> world;
  const auto who = authority(root_permit(1, 1000), 1);
  REQUIRE(world.place(who, 1, 400).has_value());
  CHECK(world.used(who) == 800);
  CHECK(world.room_of(1) == 400);
  CHECK(world.room_of(3) == 0);

  const auto again = world.place(who, 1, 400);  // the answer was lost
  REQUIRE(again.has_value());
  CHECK(again->earlier_answer == "answer");
  CHECK(world.used(who) == 800);

  const auto over = world.place(who, 2, 101);
  REQUIRE_FALSE(over.has_value());
  CHECK(over.error().code == Code::quota);
  CHECK(over.error().what.find("over quota") != std::string::npos);
  CHECK(world.used(who) == 800);
  CHECK(world.room_of(1) == 400);
  CHECK(world.place(who, 2, 100).has_value());

  CHECK(world.end(who, 1));
  CHECK_FALSE(world.end(who, 1));
  CHECK(world.used(who) == 200);
  CHECK(world.room_of(1) == 100);
}

CONTRACT(full_holds, "a Host that has not the room is told, and nothing is reserved") {
  AccountsWorld<World> world;
  const auto first = authority(root_permit(1, 10'000), 1);
  const auto second = authority(root_permit(2, 10'000), 2);
  REQUIRE(world.place(first, 1, 600, 1000).has_value());
  CHECK_FALSE(world.place(second, 1, 600, 1000).has_value());  // another's placement of the same name
  CHECK(world.full_ == std::vector{host_of(1), host_of(2)});
  CHECK(world.used(second) == 0);
  CHECK(world.room_of(1) == 600);
}

CONTRACT(chain_holds, "every holder of a chain is charged, and the smallest quota holds") {
  AccountsWorld<World> world;
  const auto root = root_permit(1, 1000);
  const auto owner = authority(root, 1);
  const auto small = authority(handed_on(root, 1, 2, 300), 2);
  const auto free = authority(handed_on(root, 1, 3), 3);
  REQUIRE(world.place(small, 1, 150).has_value());
  CHECK(world.used(small) == 300);
  CHECK(world.used(owner) == 300);
  CHECK(world.place(small, 2, 1).error().code == Code::quota);
  REQUIRE(world.place(free, 3, 350).has_value());
  CHECK(world.used(owner) == 1000);
  const auto over = world.place(free, 4, 1);
  REQUIRE_FALSE(over.has_value());
  CHECK(over.error().what.find("permit 1 of 2") != std::string::npos);
  CHECK(world.used(free) == 700);

  CHECK(world.paths() == 3);
  CHECK(world.end(small, 1));
  CHECK(world.used(owner) == 700);
  CHECK(world.paths() == 2);  // nothing is kept of who uses nothing
  // Given anew, a permit goes on with what is used.
  const auto anew = authority(root_permit(1, 2000, 77), 1);
  CHECK(world.used(anew) == 700);
}

CONTRACT(vouchers_holds,
         "vouchers move a reservation to the Host's account and say what it may have in all") {
  AccountsWorld<World> world;
  const auto who = authority(root_permit(1, 10'000), 1);
  REQUIRE(world.place(who, 1, 1000).has_value());
  const auto given = world.vouch(who, 1, {1, 2});
  REQUIRE(given.has_value());
  CHECK((*given)[0].bytes == 1000);
  CHECK(world.used(who) == 2000);
  // Again: the same, longer.
  CHECK((*world.vouch(who, 1, {1}))[0].bytes == 1000);
  // One that stands in is reserved now.
  CHECK((*world.vouch(who, 1, {3}))[0].bytes == 1000);
  CHECK(world.used(who) == 3000);
  CHECK(world.room_of(3) == 1000);
  // Another placement adds to it.
  REQUIRE(world.place(who, 2, 500).has_value());
  CHECK((*world.vouch(who, 2, {1}))[0].bytes == 1500);
  CHECK(world.used(who) == 4000);

  CHECK(world.vouch(who, 1, {4}).error().code == Code::denied);  // not in the placement
  CHECK(world.vouch(who, 9, {1}).error().code == Code::not_found);
  CHECK(world.vouch(who, 1, {1}, {}, kStart + kPlacementLifeS).error().code == Code::not_found);

  CHECK(world.end(who, 1));
  CHECK(world.end(who, 2));
  CHECK(world.used(who) == 3500);  // what was vouched for may be there; 500 of Host 2 was not
  CHECK(world.room_of(1) == 0);
}

CONTRACT(again_holds, "vouchers to renew with are for what is charged, to the holder or those after it") {
  AccountsWorld<World> world;
  const auto root = root_permit(1, 10'000);
  const auto owner = authority(root, 1);
  const auto child = authority(handed_on(root, 1, 2), 2);
  REQUIRE(world.place(child, 1, 1000).has_value());
  REQUIRE(world.vouch(child, 1, {1}).has_value());
  const auto again = [&](const Authority& who, std::uint64_t host) {
    return *world.write([&](Transaction& t) {
      return vouch_again(t, who.path(), host_of(host), account_of(host), kStart + 100);
    });
  };
  const auto used = world.used(owner);
  CHECK(again(child, 1) == 1000);
  CHECK(again(owner, 1) == 1000);
  CHECK_FALSE(again(owner, 2).has_value());
  CHECK_FALSE(again(authority(root_permit(3, 10'000), 3), 1).has_value());
  // What an owner is charged for is nothing to those after it.
  REQUIRE(world.place(owner, 2, 1000).has_value());
  REQUIRE(world.vouch(owner, 2, {2}).has_value());
  CHECK_FALSE(again(child, 2).has_value());
  CHECK(again(owner, 2) == 1000);
  CHECK(world.used(child) == 2000);
  CHECK(world.used(owner) == used + 2000);
}

CONTRACT(over_holds, "what an account had before is charged to whoever takes it over, and can be added to") {
  AccountsWorld<World> world;
  const auto who = authority(root_permit(1, 10'000), 1), other = authority(root_permit(3, 10'000), 3);
  const auto over = [&](const Authority& by, std::uint64_t host, std::int64_t bytes) {
    return world.write([&](Transaction& t) {
      return take_over(t, by, host_of(host), account_of(host), bytes, kStart + 100);
    });
  };
  CHECK(*over(who, 1, 4000) == 4000);
  CHECK(world.used(who) == 4000);
  CHECK_FALSE(over(who, 1, 4000)->has_value());  // it is charged already
  CHECK_FALSE(over(other, 1, 4000)->has_value());
  CHECK_FALSE(over(who, 99, 4000)->has_value());  // nobody knows that Host
  CHECK_FALSE(over(who, 2, 0)->has_value());
  const auto refused = over(who, 2, 7000);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::quota);
  CHECK(world.used(who) == 4000);
  // The voucher of a placement is for both.
  REQUIRE(world.place(who, 1, 1000).has_value());
  const auto vouched = world.vouch(who, 1, {1});
  REQUIRE(vouched.has_value());
  CHECK(vouched->front().bytes == 5000);
  // Also where one who comes after adds to it, and is charged for that alone.
  const auto child = authority(handed_on(root_permit(1, 10'000), 1, 2), 2);
  REQUIRE(*over(who, 2, 2000) == 2000);
  REQUIRE(world.place(child, 7, 500).has_value());
  const auto of_child = world.vouch(child, 7, {2});
  REQUIRE(of_child.has_value());
  CHECK(of_child->front().bytes == 2500);
  CHECK(world.end(child, 7));
  CHECK(world.used(child) == 500);
  // It stays, after the voucher and days without a word of the Host about the account.
  CHECK(world.end(who, 1));
  for (const auto later : {std::int64_t{2 * 3600}, std::int64_t{3 * 86400}})
    REQUIRE(world.write([&](Transaction& t) { return settle_charges(t, kStart + 100 + later); }).has_value());
  CHECK(world.used(who) == 4000 + 2000 + 500);
}

CONTRACT(steps_holds, "vouchers in steps reserve no more than was announced") {
  AccountsWorld<World> world;
  const auto who = authority(root_permit(1, 2500), 1);
  REQUIRE(world.place(who, 1, 1000).has_value());
  CHECK((*world.vouch(who, 1, {1}, 300))[0].bytes == 300);
  CHECK((*world.vouch(who, 1, {1}, 200))[0].bytes == 300);
  CHECK((*world.vouch(who, 1, {1}, 900))[0].bytes == 900);
  CHECK((*world.vouch(who, 1, {1}, 5000))[0].bytes == 1000);
  CHECK(world.used(who) == 2000);
  CHECK(world.vouch(who, 1, {3}).error().code == Code::quota);  // nothing left for one that stands in
  CHECK((*world.vouch(who, 1, {3}, 400))[0].bytes == 400);
  CHECK(world.end(who, 1));
  CHECK(world.used(who) == 1400);
}

CONTRACT(tells_holds, "what a Host tells counts once the voucher is over, and never for more than it") {
  AccountsWorld<World> world;
  const auto who = authority(root_permit(1, 10'000), 1);
  REQUIRE(world.place(who, 1, 1000).has_value());
  REQUIRE(world.vouch(who, 1, {1, 2}).has_value());
  CHECK(world.end(who, 1));
  world.tell(1, 700, kStart + 60);
  CHECK(world.used(who) == 2000);  // the voucher lives
  const auto over = kStart + kPlacementLifeS + format::kClockSkewS;
  CHECK(world.settle(over - 1) == 0);
  CHECK(world.settle(over) == 2);
  CHECK(world.used(who) == 1700);  // Host 2 has told nothing: it may hold all of it
  world.tell(2, 5000, over + 60);
  CHECK(world.used(who) == 1700);  // bounded by what was vouched for
  world.tell(2, 10, over + 61);
  CHECK(world.used(who) == 710);
  world.tell(2, 0, over + 62);
  world.tell(1, 0, over + 63);
  CHECK(world.used(who) == 0);
  CHECK(world.paths() == 0);
  CHECK(world.settle(over + 10 * kChargeLookS) == 0);  // nothing is left to look at
}

CONTRACT(silent_holds, "what was vouched for and never used is free again, and leaves no rows") {
  AccountsWorld<World> world;
  const auto who = authority(root_permit(1, 10'000), 1);
  REQUIRE(world.place(who, 1, 1000).has_value());
  REQUIRE(world.vouch(who, 1, {1, 2}).has_value());
  REQUIRE(world.vouch(who, 1, {3}, 0).has_value());
  CHECK(world.end(who, 1));
  const auto over = kStart + kPlacementLifeS + format::kClockSkewS;
  CHECK(world.settle(over) == 3);
  CHECK(world.used(who) == 2000);
  CHECK(world.rows_of_accounts() == 4);  // nothing was vouched for at Host 3, so nothing is kept of it
  // Host 1 beats and tells nothing of the account; Host 2 does not beat.
  world.beat(1, over + kHostSilentS - 1);
  world.settle(over + kChargeLookS);
  CHECK(world.used(who) == 2000);
  world.beat(1, over + kHostSilentS);
  world.settle(over + 2 * kChargeLookS);
  CHECK(world.used(who) == 1000);
  world.tell(1, 30, over + 3 * kChargeLookS);  // late, but it counts
  CHECK(world.used(who) == 1030);
  world.tell(1, 0, over + 4 * kChargeLookS);
  world.beat(2, over + 4 * kChargeLookS);
  for (int day = 5; day <= 35; ++day) {
    world.beat(2, over + day * kChargeLookS);
    world.settle(over + day * kChargeLookS);
  }
  CHECK(world.used(who) == 0);
  CHECK(world.rows_of_accounts() == 0);
}

CONTRACT(successor_holds, "what a Host holds is charged on when it changes its key") {
  AccountsWorld<World> world;
  const auto who = authority(root_permit(1, 10'000), 1);
  REQUIRE(world.place(who, 1, 1000).has_value());
  REQUIRE(world.vouch(who, 1, {1}).has_value());
  CHECK(world.end(who, 1));
  const auto over = kStart + kPlacementLifeS + format::kClockSkewS;
  world.tell(1, 700, over);
  CHECK(world.used(who) == 700);
  world.succeed(1, 50, over + 60);
  world.tell(50, 600, over + 120, 1);
  CHECK(world.used(who) == 600);
  CHECK(world.charged_at(1) == 0);
  CHECK(world.charged_at(50) == 600);
  for (int day = 1; day <= 40; ++day) {
    world.beat(50, over + day * kChargeLookS);
    world.settle(over + day * kChargeLookS);
  }
  CHECK(world.used(who) == 600);
}

CONTRACT(gone_holds, "a Host that is gone for a month charges nothing, until it is heard again") {
  AccountsWorld<World> world;
  const auto who = authority(root_permit(1, 10'000), 1);
  REQUIRE(world.place(who, 1, 1000).has_value());
  REQUIRE(world.vouch(who, 1, {1}).has_value());
  CHECK(world.end(who, 1));
  const auto over = kStart + kPlacementLifeS + format::kClockSkewS;
  world.tell(1, 600, over);
  CHECK(world.used(who) == 600);
  for (auto now = over; now <= over + kHostGoneS; now += kChargeLookS) world.settle(now);
  CHECK(world.used(who) == 600);
  for (auto now = over + kHostGoneS; now <= over + kHostGoneS + 2 * kChargeLookS; now += kChargeLookS)
    world.settle(now);
  CHECK(world.used(who) == 0);
  world.tell(1, 600, over + kHostGoneS + 3 * kChargeLookS);
  CHECK(world.used(who) == 600);
}

CONTRACT(old_holds, "placements that nobody uses end by themselves") {
  AccountsWorld<World> world;
  const auto who = authority(root_permit(1, 10'000), 1);
  REQUIRE(world.place(who, 1, 1000).has_value());
  const auto end_old = [&](std::int64_t now) {
    return *world.write([&](Transaction& t) { return end_old_placements(t, now); });
  };
  CHECK(end_old(kStart + kPlacementLifeS - 1) == 0);
  CHECK(end_old(kStart + kPlacementLifeS) == 1);
  CHECK(world.used(who) == 0);
  CHECK(world.room_of(1) == 0);
  CHECK(world.place(who, 1, 10, 1 << 30, kStart + kPlacementLifeS)->reserved_bytes == 20);
}

CONTRACT(revoked_holds, "a permit is revoked by those above it, and by nobody else") {
  AccountsWorld<World> world;
  const auto root = root_permit(1, 1000);
  const auto child = handed_on(root, 1, 2);
  const auto grandchild = handed_on(child, 2, 3);
  const auto who = authority(grandchild, 3);
  const auto revoke = [&](std::uint64_t permit, std::uint64_t by) {
    return world.write([&](Transaction& t) {
      return revoke_permit(t, id_of(permit), key_of(by).public_key(), who.owner(), kStart);
    });
  };
  const auto counts = [&] {
    return world.write([&](Transaction& t) { return check_not_revoked(t, who); }).has_value();
  };
  REQUIRE(revoke(2, 2).has_value());  // its own holder is not above it
  REQUIRE(revoke(2, 3).has_value());
  REQUIRE(revoke(1, 1).has_value());
  REQUIRE(revoke(3, 9).has_value());
  CHECK(counts());
  SUBCASE("by its issuer") {
    REQUIRE(revoke(3, 2).has_value());
  }
  SUBCASE("by one above that") {
    REQUIRE(revoke(3, 1).has_value());
  }
  SUBCASE("by the operator") {
    REQUIRE(revoke(3, kBridge).has_value());
  }
  SUBCASE("one above it") {
    REQUIRE(revoke(2, 1).has_value());
  }
  SUBCASE("the first") {
    REQUIRE(revoke(1, kBridge).has_value());
  }
  CHECK_FALSE(counts());
  CHECK(revoke(3, 2).has_value());  // twice is as once
}

CONTRACT(grants_holds, "grants are listed with what is used") {
  AccountsWorld<World> world;
  Grant grant;
  grant.id = id_of(1);
  grant.holder = AccountId{key_of(1).public_key()};
  grant.can = {Ability::create, Ability::read};
  grant.quota_bytes = 5000;
  grant.note = "Zoë";
  grant.granted_unix_s = kStart;
  grant.expires_unix_s = kStart + 5;
  REQUIRE(world.write([&](Transaction& t) { return add_grant(t, grant); }).has_value());
  const auto who = authority(root_permit(1, 5000), 1);
  REQUIRE(world.place(who, 1, 20).has_value());
  const auto list = [&](std::optional<format::PermitId> after = {}) {
    return *world.write(
        [&](Transaction& t) { return list_grants(t, key_of(kBridge).public_key(), after, 10); });
  };
  REQUIRE(list().size() == 1);
  CHECK(list()[0].can == grant.can);
  CHECK(list()[0].note == "Zoë");
  CHECK(list()[0].used_bytes == 40);
  CHECK_FALSE(list()[0].is_revoked);
  CHECK(list(grant.id).empty());
  REQUIRE(world
              .write([&](Transaction& t) {
                return revoke_permit(t, grant.id, key_of(kBridge).public_key(), grant.holder, kStart);
              })
              .has_value());
  CHECK(list()[0].is_revoked);
  grant.id = id_of(2);
  grant.note = std::string(kGrantNoteBytesMax + 1, 'x');
  CHECK(world.write([&](Transaction& t) { return add_grant(t, grant); }).error().code == Code::usage);
}

}  // namespace inxt::bridge
