// SPDX-License-Identifier: LGPL-3.0-or-later
// The networks that Hosts are told apart by: of an IPv4 address its /24, of an IPv6 address its /48, which is
// what one customer of a provider has at most.  ::ffff:a.b.c.d is a.b.c.d.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace inxt::bridge {

struct Networks {
  std::string name;           // "192.0.2.0/24", "2001:db8:1::/48"
  std::uint64_t network = 0;  // the same as a number, never 0
  std::uint64_t wide = 0;     // its /16 or /32, never 0
  bool operator==(const Networks&) const = default;
};

/// Nothing for text that is no IP address (without brackets and zone).
std::optional<Networks> networks_of(std::string_view ip);

/// Of a name that networks_of() gave.
std::optional<Networks> networks_named(std::string_view name);

}  // namespace inxt::bridge
