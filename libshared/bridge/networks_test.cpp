// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/networks.h"

#include <doctest/doctest.h>

namespace inxt::bridge {
namespace {

TEST_CASE("an address belongs to its /24 or /48, and to a wider network") {
  const auto first = networks_of("192.0.2.1").value();
  CHECK(first.name == "192.0.2.0/24");
  CHECK(networks_of("192.0.2.254") == first);
  CHECK(networks_of("192.0.3.1")->network != first.network);
  CHECK(networks_of("192.0.3.1")->wide == first.wide);
  CHECK(networks_of("192.1.2.1")->wide != first.wide);

  const auto six = networks_of("2001:db8:1:2::3").value();
  CHECK(six.name == "2001:db8:1::/48");
  CHECK(networks_of("2001:db8:1:ffff::9") == six);
  CHECK(networks_of("2001:db8:2::1")->network != six.network);
  CHECK(networks_of("2001:db8:2::1")->wide == six.wide);
  CHECK(networks_of("::1")->name == "::/48");
}

TEST_CASE("no two families share a number, and none is 0") {
  CHECK(networks_of("::ffff:192.0.2.1") == networks_of("192.0.2.1"));
  CHECK(networks_of("0.0.0.1")->network != networks_of("::1")->network);
  CHECK(networks_of("0.0.0.0")->network != 0);
  CHECK(networks_of("::")->wide != 0);
}

TEST_CASE("what is no address has no network") {
  for (const auto* text :
       {"", "192.0.2", "192.0.2.1:80", "[::1]", "fe80::1%eth0", "host.example", "1.2.3.4 "})
    CHECK(!networks_of(text));
  CHECK(!networks_of(std::string_view("1.2.3.4\0x", 9)));
}

TEST_CASE("the name of a network leads back to it") {
  for (const auto* ip : {"192.0.2.1", "2001:db8:1:2::3", "0.0.0.0", "::"})
    CHECK(networks_named(networks_of(ip)->name) == networks_of(ip));
  CHECK(!networks_named("192.0.2.0"));
  CHECK(!networks_named("192.0.2.1/24"));
  CHECK(!networks_named("/24"));
}

}  // namespace
}  // namespace inxt::bridge
