// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/placement_check.h"

#include <doctest/doctest.h>

#include "crypto/random.h"

namespace inxt::client {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

crypto::SigningKey key_of(std::uint64_t number) {
  return crypto::SigningKey::from_seed(crypto::SeededRandom(number).bytes<32>());
}

struct Case {
  format::PlacementWish wish;
  format::PlacementGiven given;
  std::vector<HostId> ids;
  crypto::PublicKey bridge = key_of(1000).public_key();

  Case() {
    crypto::start();
    wish.bytes = 1'000'000;
    given.layout = {.k = 2, .m = 1, .mirrors = 1, .shard_bytes = 1 << 20, .seal_key = {}};
    for (std::uint64_t i = 0; i < 6; ++i) ids.push_back(add(i, "192.0." + std::to_string(i) + ".1:4242"));
    given.groups.push_back({.primary = {ids[0], ids[1], ids[2]}, .secondary = {ids[3], ids[4], ids[5]}});
  }
  HostId add(std::uint64_t number, std::vector<std::string> addresses, std::uint64_t price = 0) {
    const auto key = key_of(number);
    format::Descriptor host;
    host.host = HostId{key.public_key()};
    host.addresses = std::move(addresses);
    host.price = price;
    host.issued_unix_s = kNow;
    host.expires_unix_s = kNow + 86400;
    auto line = format::hosts_line(host, *format::sign_descriptor(host, key));
    line.pop_back();
    given.hosts.push_back(std::move(line));
    return host.host;
  }
  HostId add(std::uint64_t number, std::string address) {
    return add(number, std::vector{std::move(address)});
  }
  std::string refused() const {
    const auto checked = check_placement(wish, given, bridge);
    if (checked) return "taken";
    CHECK(checked.error().code == Code::integrity);
    return checked.error().what;
  }
};

TEST_CASE("an honest placement is taken, with its Hosts") {
  Case one;
  const auto hosts = check_placement(one.wish, one.given, one.bridge);
  REQUIRE(hosts);
  CHECK(hosts->size() == 6);
  CHECK((*hosts)[2].host == one.ids[2]);
  one.given.groups[0].secondary.clear();  // with few Hosts nobody stands in
  CHECK(one.refused() == "taken");
}

TEST_CASE("a Host stands once in a group, is described once, and not the Bridge") {
  Case one;
  SUBCASE("twice among the first") {
    one.given.groups[0].primary[1] = one.ids[0];
    CHECK(one.refused().contains("stands twice"));
  }
  SUBCASE("and standing in for itself") {
    one.given.groups[0].secondary[0] = one.ids[0];
    CHECK(one.refused().contains("stands twice"));
  }
  SUBCASE("in two groups it may") {
    one.given.groups.push_back(one.given.groups[0]);
    CHECK(one.refused() == "taken");
  }
  SUBCASE("described twice") {
    one.given.hosts.push_back(one.given.hosts[0]);
    CHECK(one.refused().contains("described twice"));
  }
  SUBCASE("not described") {
    one.given.hosts.pop_back();
    CHECK(one.refused().contains("does not say where"));
  }
  SUBCASE("the Bridge") {
    one.given.groups[0].primary[0] = one.add(1000, "198.51.100.1:1");
    CHECK(one.refused().contains("names itself"));
  }
  SUBCASE("excluded") {
    one.wish.excluded = {one.ids[4]};
    CHECK(one.refused().contains("not wanted"));
  }
  SUBCASE("dearer than was said") {
    one.wish.price_max = 4;
    one.given.groups[0].primary[0] = one.add(50, {"198.51.100.1:1"}, 5);
    CHECK(one.refused().contains("asks for 5"));
    one.wish.price_max = 5;
    CHECK(one.refused() == "taken");
  }
  SUBCASE("another's signature") {
    auto& line = one.given.hosts[0];
    line.replace(line.find("192.0.0.1"), 9, "192.0.9.9");
    CHECK(one.refused() != "taken");
  }
}

TEST_CASE("two of the first in one network are refused, unless that is allowed") {
  Case one;
  one.given.groups[0].primary[0] = one.add(60, "192.0.1.77:4242");
  CHECK(one.refused().contains("both in 192.0.1.0/24"));
  one.wish.allow.same_network = true;
  CHECK(one.refused() == "taken");
  one.wish.allow.same_network = false;
  // Names say nothing, and one that has an address elsewhere may have been reached there.
  one.given.groups[0].primary[0] = one.add(61, "host.example:4242");
  one.given.groups[0].primary[2] = one.add(62, "host.example:4243");
  CHECK(one.refused() == "taken");
  one.given.groups[0].primary[2] = one.add(63, std::vector<std::string>{"192.0.1.5:1", "[2001:db8::1]:1"});
  CHECK(one.refused() == "taken");
  one.given.groups[0].primary[0] = one.add(64, std::vector<std::string>{"[2001:db8::2]:1", "192.0.1.6:1"});
  CHECK(one.refused().contains("both in"));
}

TEST_CASE(
    "a layout that the Bridge chose survives a Host and is not absurd; one that was asked for is the "
    "owner's") {
  Case one;
  const auto with = [&](std::uint32_t k, std::uint32_t m, std::uint32_t mirrors, std::uint32_t shard_bytes) {
    Case other;
    other.given.layout = {.k = k, .m = m, .mirrors = mirrors, .shard_bytes = shard_bytes, .seal_key = {}};
    return other.refused();
  };
  CHECK(with(2, 0, 1, 1 << 20).contains("lost with any one Host"));
  CHECK(with(1, 0, 1, 1 << 20).contains("lost with any one Host"));
  CHECK(with(2, 64, 1, 1 << 20).contains("kPlacedExpansionMax"));
  CHECK(with(2, 1, 1, 4096).contains("kPlacedShardBytesMin"));
  CHECK(with(1, 0, 16, 1 << 20) == "taken");
  one.given.layout = {.k = 3, .m = 0, .mirrors = 1, .shard_bytes = 4096, .seal_key = {}};
  one.wish.layout = one.given.layout;
  CHECK(one.refused() == "taken");
}

TEST_CASE("as many groups as were asked for, or as there are segments") {
  Case one;
  one.wish.groups_min = 3;
  CHECK(one.refused() == "taken");  // one segment
  one.wish.bytes = 100'000'000;
  CHECK(one.refused().contains("groups"));
}

}  // namespace
}  // namespace inxt::client
