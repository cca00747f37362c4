// SPDX-License-Identifier: AGPL-3.0-or-later
// Accounts at a Bridge over real TLS: placements, vouchers, quota, revoking, and what bad requests get.
#include <set>

#include "bridge/host_rows.h"
#include "format/voucher.h"
#include "store/stored_piece.h"
#include "support/bridge_world.h"
#include "transfer/bridge_accounts.h"

namespace inxt::bridge {
namespace {

using namespace inxt::testing;
using database::Transaction;
using format::Ability;

constexpr int kHostsAsked = 8;
constexpr std::uint64_t kFreeBytes = std::uint64_t{1} << 30;

HostId host_of(int number) {
  return HostId{key_number(1000 + static_cast<std::uint64_t>(number)).public_key()};
}

template <class World>
class AccountsAtBridge : public BridgeWorld<World> {
 public:
  explicit AccountsAtBridge(int hosts = kHostsAsked) {
    for (int number = 1; number <= hosts; ++number) add_host(number);
  }

  /// A Host that was reached, beats, and is no longer new, in a network of its own.
  void add_host(int number, std::uint64_t price = 0) {
    const auto done = this->database->write([&](Transaction& t) -> Result<void> {
      format::Registration registration;
      auto& descriptor = registration.descriptor;
      descriptor.host = host_of(number);
      descriptor.addresses = {fmt::format("8.8.{}.8:4242", number)};
      descriptor.price = price;
      descriptor.issued_unix_s = kNow;
      descriptor.expires_unix_s = kNow + 30 * 86400;
      registration.token =
          *format::sign_descriptor(descriptor, key_number(1000 + static_cast<std::uint64_t>(number)));
      registration.declared.operator_name = fmt::format("operator {}", number);
      TRY(register_host(t, registration, "8.8.8.0/24", kNow, RegistrationLimits{}));
      format::Heartbeat beat;
      beat.host = host_of(number);
      beat.counter = 1;
      beat.capacity_bytes = 2 * kFreeBytes;
      beat.free_bytes = kFreeBytes;
      TRY(take_heartbeat(t, beat, kNow));
      const std::string network = fmt::format("8.8.{}.0/24", number);
      TRY(t.execute(
          "UPDATE host_measures SET reachable = 1, was_reached = 1, network = $2, rtt_us = 1000, "
          "uptime_day = 10000, uptime_week = 10000, uptime_month = 10000, audits_passed = 60, changed = $3 "
          "WHERE host = $1",
          {host_of(number), network, kNow}));
      return {};
    });
    if (!done) FAIL(done.error().what);
  }

  template <class T>
  Result<T> ask(std::uint64_t number, const std::string& permits,
                const std::function<net::Awaitable<Result<T>>(transfer::BridgeAccounts&)>& question) {
    auto client = this->client(number, permits);
    transfer::HttpBridgeAccounts accounts(client);
    return this->run(question(accounts));
  }
  Result<format::PlacementGiven> place(std::uint64_t number, const std::string& permits,
                                       const format::PlacementWish& wish) {
    return ask<format::PlacementGiven>(number, permits, [&](auto& accounts) { return accounts.place(wish); });
  }
  Result<format::VouchersGiven> vouchers(std::uint64_t number, const std::string& permits,
                                         const format::PlacementId& id,
                                         const std::vector<format::VoucherWish>& wishes) {
    return ask<format::VouchersGiven>(number, permits,
                                      [&](auto& accounts) { return accounts.vouchers(id, wishes); });
  }
  format::BridgeAccount account(std::uint64_t number, const std::string& permits) {
    auto told =
        ask<format::BridgeAccount>(number, permits, [&](auto& accounts) { return accounts.account(); });
    if (!told) FAIL(told.error().what);
    return *told;
  }
  std::uint64_t used(std::uint64_t number, const std::string& permits) {
    return account(number, permits).links.back().used_bytes;
  }
  /// Status and body of any request.
  Result<transfer::BridgeAnswer> post(std::uint64_t number, const std::string& permits,
                                      const std::string& target, std::string body,
                                      std::vector<int> expected) {
    auto client = this->client(number, permits);
    transfer::BridgeRequest request(net::Method::post, target);
    request.body = std::move(body);
    request.expected_statuses = std::move(expected);
    return this->run(client.ask(std::move(request)));
  }
};

format::PlacementWish wish(std::uint64_t id, std::uint64_t bytes = 3'000'000) {
  format::PlacementWish out;
  out.id = crypto::SeededRandom(id).bytes<16>();
  out.bytes = bytes;
  out.layout = format::Layout{.k = 4, .m = 2, .mirrors = 1, .shard_bytes = 65536, .seal_key = {}};
  return out;
}

AccountId account_at(const HostId& host) {
  return AccountId{crypto::sha256(host.view())};
}

}  // namespace

CONTRACT(places, "a placement names Hosts for every piece, and reserves what their files take") {
  AccountsAtBridge<World> world;
  const auto permits = root_permit(1);
  const auto given = world.place(1, permits, wish(1));
  if (!given) FAIL(given.error().what);
  REQUIRE(given->groups.size() == 1);
  CHECK(given->groups[0].primary.size() == 6);
  std::set<HostId> primary(given->groups[0].primary.begin(), given->groups[0].primary.end());
  CHECK(primary.size() == 6);
  for (const auto& host : given->groups[0].secondary) CHECK_FALSE(primary.contains(host));
  CHECK(given->hosts.size() == 8);
  for (const auto& line : given->hosts) CHECK(format::open_hosts_line(line, "line").has_value());
  CHECK(given->expires_unix_s == kNow + 3600);
  // 11 whole segments of 262,144 bytes, and one of 116,416 whose shards have 29,104.
  const auto share = 11 * store::file_bytes(65536) + store::file_bytes(29104);
  CHECK(given->reserved_bytes == 6 * share);
  CHECK(world.used(1, permits) == 6 * share);

  // The answer was lost: the same again, and nothing is reserved twice.
  const auto again = world.place(1, permits, wish(1));
  REQUIRE(again.has_value());
  CHECK(again->groups == given->groups);
  CHECK(again->hosts == given->hosts);
  CHECK(world.used(1, permits) == 6 * share);
  CHECK(world.account(1, permits).placements == 1);

  // Only asked what would be.
  auto dry = wish(2);
  dry.reserve = false;
  dry.explain = true;
  const auto shown = world.place(1, permits, dry);
  REQUIRE(shown.has_value());
  CHECK(shown->explanation.find("weight") != std::string::npos);
  CHECK(world.used(1, permits) == 6 * share);

  const auto ended =
      world.template ask<void>(1, permits, [&](auto& accounts) { return accounts.end(given->id); });
  CHECK(ended.has_value());
  CHECK(world.used(1, permits) == 0);
  CHECK(world.template ask<void>(1, permits, [&](auto& accounts) { return accounts.end(given->id); })
            .has_value());
}

CONTRACT(chooses,
         "the Bridge chooses a layout, and leaves out whom the client names and who asks for too much") {
  AccountsAtBridge<World> world;
  const auto permits = root_permit(1);
  auto free = wish(1);
  free.layout.reset();
  const auto given = world.place(1, permits, free);
  REQUIRE(given.has_value());
  CHECK(given->layout.pieces_per_segment() == given->groups[0].primary.size());

  auto without = wish(2);
  without.excluded = {host_of(1), host_of(2)};
  const auto rest = world.place(1, permits, without);
  REQUIRE(rest.has_value());
  for (const auto& line : rest->hosts) {
    const auto host = *format::open_hosts_line(line, "line");
    CHECK(host.host != host_of(1));
    CHECK(host.host != host_of(2));
  }
  auto too_few = wish(3);
  too_few.excluded = {host_of(1), host_of(2), host_of(3)};
  const auto refused = world.place(1, permits, too_few);
  REQUIRE_FALSE(refused.has_value());
  check_error(refused.error(), Code::try_again, "6");

  world.add_host(9, 7);
  world.clock.advance_ms(20'000);
  auto cheap = wish(4);
  cheap.excluded = {host_of(1), host_of(2), host_of(3)};
  CHECK_FALSE(world.place(1, permits, cheap).has_value());
  cheap.id = wish(5).id;
  cheap.price_max = 7;
  CHECK(world.place(1, permits, cheap).has_value());

  auto seeded = wish(6);
  seeded.seed = ByteArray<32>{};
  check_error(world.place(1, permits, seeded).error(), Code::denied, "seed");
}

CONTRACT(vouches, "vouchers are the Bridge's word for one account, one Host and so many bytes") {
  AccountsAtBridge<World> world;
  const auto permits = root_permit(1);
  const auto given = world.place(1, permits, wish(1));
  REQUIRE(given.has_value());
  const auto& group = given->groups[0];
  const auto share = given->reserved_bytes / 6;
  std::vector<format::VoucherWish> wishes;
  for (const auto& host : group.primary)
    wishes.push_back({.host = host, .account = account_at(host), .bytes = {}});
  const auto got = world.vouchers(1, permits, given->id, wishes);
  REQUIRE(got.has_value());
  REQUIRE(got->vouchers.size() == 6);
  for (const auto& each : got->vouchers) {
    const auto voucher = format::open_voucher_for(each.token, account_at(each.host), each.host, kNow);
    REQUIRE(voucher.has_value());
    CHECK(voucher->bridge == world.key.public_key());
    CHECK(voucher->bytes == share);
    CHECK(voucher->expires_unix_s == kNow + 3600);
  }
  CHECK(world.used(1, permits) == 6 * share);
  // For renewals the same again, and nothing for what nobody is charged for.
  auto again = wishes;
  again.push_back({.host = host_of(99), .account = account_at(host_of(99)), .bytes = {}});
  again.push_back({.host = group.primary[0], .account = account_at(host_of(98)), .bytes = {}});
  const auto renewing = world.template ask<format::VouchersGiven>(
      1, permits, [&](auto& accounts) { return accounts.vouchers_again(again); });
  REQUIRE(renewing.has_value());
  REQUIRE(renewing->vouchers.size() == 6);
  for (const auto& each : renewing->vouchers) {
    const auto voucher = format::open_voucher_for(each.token, account_at(each.host), each.host, kNow);
    REQUIRE(voucher.has_value());
    CHECK(voucher->bytes == share);
  }
  CHECK(world.used(1, permits) == 6 * share);
  const auto others = world.template ask<format::VouchersGiven>(
      2, root_permit(2), [&](auto& accounts) { return accounts.vouchers_again(wishes); });
  REQUIRE(others.has_value());
  CHECK(others->vouchers.empty());
  // One that stands in costs more; a Host of no placement, and another account, get none.
  const auto& second = group.secondary.at(0);
  CHECK(
      world.vouchers(1, permits, given->id, {{.host = second, .account = account_at(second), .bytes = 1000}})
          .has_value());
  CHECK(world.used(1, permits) == 6 * share + 1000);
  const auto stranger = host_of(99);
  check_error(
      world
          .vouchers(1, permits, given->id, {{.host = stranger, .account = account_at(stranger), .bytes = {}}})
          .error(),
      Code::denied, "not in this placement");
  check_error(world
                  .vouchers(1, permits, given->id,
                            {{.host = group.primary[0], .account = account_at(second), .bytes = {}}})
                  .error(),
              Code::denied, "another account");
  // Another customer's placement is nobody's else.
  CHECK(world.vouchers(2, root_permit(2), given->id, wishes).error().code == Code::not_found);
}

CONTRACT(limits_use, "over quota nothing is reserved, and each of a chain is held to its own") {
  AccountsAtBridge<World> world;
  const auto root = root_permit(1, {.quota_bytes = 5'000'000});
  const auto child =
      handed_on(root, 1, 2, {.can = {Ability::create}, .quota_bytes = 4'000'000, .seconds = 3600});
  const auto over = world.place(2, child, wish(1));
  REQUIRE_FALSE(over.has_value());
  check_error(over.error(), Code::quota, "over quota");
  CHECK(world.used(1, root) == 0);
  REQUIRE(world.place(2, child, wish(2, 1'000'000)).has_value());
  const auto told = world.account(2, child);
  REQUIRE(told.links.size() == 2);
  CHECK(told.links[0].used_bytes == told.links[1].used_bytes);
  CHECK(told.left_bytes == 4'000'000 - told.links[1].used_bytes);
  CHECK(world.place(1, root, wish(3)).error().code == Code::quota);  // what it handed on is its own
}

CONTRACT(shares_room, "two Bridges do not promise the same room") {
  AccountsAtBridge<World> world(6);
  const auto permits = root_permit(1);
  // Each Host says 1 GiB; a file of 4+2 with 2.4 GB takes 600 MB of each.
  auto large = wish(1, 2'400'000'000);
  large.layout->shard_bytes = 2 * 1024 * 1024;
  REQUIRE(world.place(1, permits, large).has_value());
  large.id = wish(2).id;
  const auto second = world.place(1, permits, large);  // before the table of rooms is read again
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == Code::try_again);
  CHECK(world.account(1, permits).placements == 1);
}

CONTRACT(checks, "who may not, and what makes no sense, is refused") {
  AccountsAtBridge<World> world;
  const auto permits = root_permit(1);
  const auto body = format::write_placement_wish(wish(1));
  const auto status = [&](std::uint64_t number, const std::string& chain, const std::string& target,
                          std::string text) {
    auto answer = world.post(number, chain, target, std::move(text), {400, 401, 403, 404, 405, 413});
    if (!answer) FAIL(answer.error().what);
    return answer->status;
  };
  CHECK(status(1, "", "/v1/placements", body) == 403);
  CHECK(status(2, permits, "/v1/placements", body) == 403);  // another's
  CHECK(status(1, permits + "~" + permits, "/v1/placements", body) == 403);
  CHECK(status(1, "x", "/v1/placements", body) == 403);
  CHECK(status(1, root_permit(1, {.can = {Ability::list}}), "/v1/placements", body) == 403);
  CHECK(status(1, root_permit(1, {.from_unix_s = kNow - 10 * 86400, .seconds = 86400}), "/v1/placements",
               body) == 403);
  CHECK(status(1, permits, "/v1/placements", "{}") == 400);
  CHECK(status(1, permits, "/v1/placements", "[1]") == 400);
  CHECK(status(1, permits, "/v1/placements", std::string(70'000, ' ')) == 413);
  CHECK(status(1, permits, "/v1/placements/00/vouchers", "{\"accounts\":[]}") == 400);
  CHECK(status(1, permits, "/v1/placements/" + std::string(32, '0') + "/vouchers", "{\"accounts\":[1]}") ==
        400);
  CHECK(status(1, permits, "/v1/placements/" + std::string(32, '0') + "/vouchers", "{\"accounts\":[]}") ==
        404);
  CHECK(status(1, permits, "/v1/permits/revoke", "{\"permit\":\"\"}") == 400);
  CHECK(status(1, permits, "/v1/account", "") == 405);
  CHECK(world.used(1, permits) == 0);
}

CONTRACT(revokes, "a permit that was revoked by those above it allows nothing any more") {
  AccountsAtBridge<World> world;
  const auto root = root_permit(1);
  const auto child = handed_on(root, 1, 2, {.can = {Ability::create}, .seconds = 3600});
  const auto id = format::PermitChain::open(child)->last().id;
  const auto revoke = [&](std::uint64_t number, const std::string& chain) {
    return world.template ask<void>(number, chain, [&](auto& accounts) { return accounts.revoke(id); })
        .has_value();
  };
  CHECK(revoke(3, root_permit(3)));  // a stranger: nothing comes of it
  CHECK(world.place(2, child, wish(1)).has_value());
  CHECK(revoke(1, root));
  check_error(world.place(2, child, wish(2)).error(), Code::denied, "revoked");
  const auto vouched = world.vouchers(2, child, wish(1).id, {});
  CHECK(vouched.error().code == Code::denied);
  CHECK(world.place(1, root, wish(3)).has_value());
}

}  // namespace inxt::bridge
