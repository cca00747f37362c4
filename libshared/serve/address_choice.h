// SPDX-License-Identifier: LGPL-3.0-or-later
// Which addresses a daemon announces, of all that are known.  Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/interfaces.h"

namespace inxt::serve {

struct AddressFacts {
  std::vector<std::string> announce;   // what the operator says
  std::vector<std::string> listening;  // what is bound, with ports
  std::vector<net::InterfaceAddress> interfaces;
  std::optional<std::string> route_ip;  // this machine's address towards everybody else
  std::optional<std::string> mapped;    // the router's outside address and port
};

struct AddressChoice {
  std::vector<std::string> addresses;  // at most format::kAddressesMax
  std::size_t passed_over = 0;         // there was no room for these
  bool is_private = false;             // only neighbours can use them
  bool operator==(const AddressChoice&) const = default;
};

/// What the operator says and the mapping; where the operator says nothing, the mapping, what is bound to one
/// address, and the public addresses of interfaces where everything is listened on.  Where that is nothing, the private
/// address towards everybody else.  Nothing twice.
AddressChoice choose_addresses(const AddressFacts& facts);

/// The port that a router should lead to: of the first address bound that is not loopback, IPv4 or all.
std::optional<std::uint16_t> port_to_map(const std::vector<std::string>& listening);

}  // namespace inxt::serve
