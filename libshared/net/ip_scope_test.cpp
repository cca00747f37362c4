// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/ip_scope.h"

#include <doctest/doctest.h>

#include <string>

using namespace inxt::net;

TEST_CASE("the neighbourhood of an address is what one customer may have at hand") {
  for (const auto& [ip, network] : std::initializer_list<std::pair<const char*, const char*>>{
           {"192.0.2.77", "192.0.2.0/24"},
           {"::ffff:192.0.2.77", "192.0.2.0/24"},
           {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
           {"fe80::1%eth0", "fe80::/64"},
           {"::1", "::/64"},
           {"somebody", "somebody"},
           {"", ""}}) {
    CAPTURE(ip);
    CHECK(neighbourhood_of(ip) == network);
  }
}

TEST_CASE("an IP address tells who can reach it, at the edges of every network") {
  const struct {
    const char* ip;
    IpScope scope;
  } kCases[] = {
      {"8.8.8.8", IpScope::global},          {"1.0.0.0", IpScope::global},
      {"0.255.255.255", IpScope::special},   {"9.255.255.255", IpScope::global},
      {"10.0.0.0", IpScope::private_network}, {"10.255.255.255", IpScope::private_network},
      {"11.0.0.0", IpScope::global},         {"100.63.255.255", IpScope::global},
      {"100.64.0.0", IpScope::carrier_grade_nat}, {"100.127.255.255", IpScope::carrier_grade_nat},
      {"100.128.0.0", IpScope::global},      {"127.0.43.1", IpScope::loopback},
      {"169.254.1.1", IpScope::link_local},  {"172.15.255.255", IpScope::global},
      {"172.16.0.1", IpScope::private_network}, {"172.31.255.255", IpScope::private_network},
      {"172.32.0.0", IpScope::global},       {"192.0.2.1", IpScope::special},
      {"192.0.1.255", IpScope::global},      {"192.168.1.1", IpScope::private_network},
      {"192.169.0.0", IpScope::global},      {"198.19.255.255", IpScope::special},
      {"198.51.100.7", IpScope::special},    {"203.0.113.255", IpScope::special},
      {"223.255.255.255", IpScope::global},  {"224.0.0.1", IpScope::special},
      {"255.255.255.255", IpScope::special}, {"::", IpScope::special},
      {"::1", IpScope::loopback},            {"::2", IpScope::special},
      {"::ffff:192.168.1.1", IpScope::private_network}, {"::ffff:8.8.8.8", IpScope::global},
      {"2001::1", IpScope::special},         {"2001:200::1", IpScope::global},
      {"2001:db8::1", IpScope::special},     {"2002::1", IpScope::special},
      {"2a01:4f8::1", IpScope::global},      {"3ffe::1", IpScope::global},
      {"3fff:fff::1", IpScope::special},     {"4000::1", IpScope::special},
      {"64:ff9b::8.8.8.8", IpScope::special}, {"fc00::1", IpScope::private_network},
      {"fdff::1", IpScope::private_network}, {"fe00::1", IpScope::special},
      {"fe80::1", IpScope::link_local},      {"febf::1", IpScope::link_local},
      {"ff02::1", IpScope::special},
  };
  for (const auto& one : kCases) {
    CAPTURE(one.ip);
    const auto scope = ip_scope(one.ip);
    REQUIRE(scope);
    CHECK(scope_name(*scope) == scope_name(one.scope));
  }
  for (const char* text : {"", "x", "1.2.3", "1.2.3.4.5", "256.1.1.1", "[::1]", "fe80::1%eth0", "1.2.3.4:80", " 1.2.3.4"})
    CHECK_FALSE(ip_scope(text));
  CHECK_FALSE(ip_scope(std::string("8.8.8.8\0x", 9)));
}
