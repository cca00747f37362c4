// SPDX-License-Identifier: LGPL-3.0-or-later
// Who can reach an IP address.  Source: the IANA special-purpose address registries (RFC 6890).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace inxt::net {

enum class IpScope {
  global,
  private_network,    // RFC 1918, fc00::/7
  carrier_grade_nat,  // 100.64.0.0/10: between a provider and its customers' routers
  link_local,
  loopback,
  special,  // unspecified, multicast, documentation, benchmarks, translation: nobody listens there
};

/// Nothing when `ip` is neither an IPv4 nor an IPv6 address in text, without brackets.  ::ffff:a.b.c.d is a.b.c.d.
std::optional<IpScope> ip_scope(std::string_view ip);

/// What one customer of a provider may have at hand: of an IPv4 address its /24, as "192.0.2.0/24", of an IPv6 address
/// its /64.  What is no address comes back as it is.  Narrower: net::network_of (net/http.h).
std::string neighbourhood_of(std::string_view ip);

/// For people: "private", "behind a provider's NAT", ...
std::string_view scope_name(IpScope scope);

}  // namespace inxt::net
