// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/ip_scope.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

namespace inxt::net {

namespace {

using Ip = std::array<std::uint8_t, 16>;

struct Network {
  Ip address;
  unsigned bits;
  IpScope scope;
};

constexpr unsigned kMapped = 96;  // ::ffff:0:0/96, where IPv4 stands

constexpr Network v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, unsigned bits, IpScope scope) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, 0}, kMapped + bits, scope};
}
constexpr Network v6(std::uint16_t a, std::uint16_t b, std::uint16_t c, unsigned bits, IpScope scope) {
  Ip ip{};
  ip[0] = static_cast<std::uint8_t>(a >> 8), ip[1] = static_cast<std::uint8_t>(a & 255);
  ip[2] = static_cast<std::uint8_t>(b >> 8), ip[3] = static_cast<std::uint8_t>(b & 255);
  ip[4] = static_cast<std::uint8_t>(c >> 8), ip[5] = static_cast<std::uint8_t>(c & 255);
  return {ip, bits, scope};
}
constexpr Network kLoopback6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, IpScope::loopback};

// The first that holds the address counts.
constexpr Network kNetworks[] = {
    v4(0, 0, 0, 8, IpScope::special),
    v4(10, 0, 0, 8, IpScope::private_network),
    v4(100, 64, 0, 10, IpScope::carrier_grade_nat),
    v4(127, 0, 0, 8, IpScope::loopback),
    v4(169, 254, 0, 16, IpScope::link_local),
    v4(172, 16, 0, 12, IpScope::private_network),
    v4(192, 0, 0, 24, IpScope::special),
    v4(192, 0, 2, 24, IpScope::special),
    v4(192, 88, 99, 24, IpScope::special),
    v4(192, 168, 0, 16, IpScope::private_network),
    v4(198, 18, 0, 15, IpScope::special),
    v4(198, 51, 100, 24, IpScope::special),
    v4(203, 0, 113, 24, IpScope::special),
    v4(224, 0, 0, 3, IpScope::special),
    v4(0, 0, 0, 0, IpScope::global),
    kLoopback6,
    v6(0x2001, 0x0000, 0, 23, IpScope::special),  // Teredo, benchmarks, ORCHID
    v6(0x2001, 0x0db8, 0, 32, IpScope::special),
    v6(0x2002, 0x0000, 0, 16, IpScope::special),  // 6to4
    v6(0x3fff, 0x0000, 0, 20, IpScope::special),
    v6(0x2000, 0x0000, 0, 3, IpScope::global),
    v6(0xfc00, 0x0000, 0, 7, IpScope::private_network),
    v6(0xfe80, 0x0000, 0, 10, IpScope::link_local),
};

bool holds(const Network& network, const Ip& ip) {
  const unsigned whole = network.bits / 8, rest = network.bits % 8;
  if (std::memcmp(network.address.data(), ip.data(), whole) != 0) return false;
  return rest == 0 || ((network.address[whole] ^ ip[whole]) >> (8 - rest)) == 0;
}

}  // namespace

std::optional<IpScope> ip_scope(std::string_view text) {
  const std::string copy(text);
  Ip ip{};
  if (::inet_pton(AF_INET, copy.c_str(), &ip[12]) == 1)
    ip[10] = ip[11] = 0xff;
  else if (::inet_pton(AF_INET6, copy.c_str(), ip.data()) != 1)
    return std::nullopt;
  if (copy.size() != std::strlen(copy.c_str())) return std::nullopt;
  for (const Network& network : kNetworks)
    if (holds(network, ip)) return network.scope;
  return IpScope::special;
}

std::string neighbourhood_of(std::string_view text) {
  const std::string copy(text.substr(0, text.find('%')));  // without the interface of a link-local one
  Ip ip{};
  if (::inet_pton(AF_INET, copy.c_str(), &ip[12]) == 1)
    ip[10] = ip[11] = 0xff;
  else if (::inet_pton(AF_INET6, copy.c_str(), ip.data()) != 1)
    return std::string(text);
  std::array<char, INET6_ADDRSTRLEN> network{};
  if (holds(v4(0, 0, 0, 0, IpScope::global), ip)) {
    ip[15] = 0;
    ::inet_ntop(AF_INET, &ip[12], network.data(), network.size());
    return std::string(network.data()) + "/24";
  }
  std::fill(ip.begin() + 8, ip.end(), std::uint8_t{0});
  ::inet_ntop(AF_INET6, ip.data(), network.data(), network.size());
  return std::string(network.data()) + "/64";
}

std::string_view scope_name(IpScope scope) {
  switch (scope) {
    case IpScope::global:
      return "public";
    case IpScope::private_network:
      return "private";
    case IpScope::carrier_grade_nat:
      return "behind a provider's NAT";
    case IpScope::link_local:
      return "link-local";
    case IpScope::loopback:
      return "this machine only";
    case IpScope::special:
      return "reserved";
  }
  return "reserved";
}

}  // namespace inxt::net
