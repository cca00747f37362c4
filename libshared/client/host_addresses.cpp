// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/host_addresses.h"

#include <algorithm>

namespace inxt::client {

std::vector<transfer::HostAddress> addresses_of(const format::KnownHosts& hosts) {
  std::vector<transfer::HostAddress> out;
  for (const auto& [id, host] : hosts.names()) {
    transfer::HostAddress address{id, host->addresses};
    address.successors = hosts.successors_of(id);
    out.push_back(std::move(address));
  }
  return out;
}

transfer::HostAddress newest_address(const HostId& id, const std::vector<std::string>& remembered,
                                     const std::vector<transfer::HostAddress>& known) {
  transfer::HostAddress out{id, {}};
  if (const auto newer = std::ranges::find(known, id, &transfer::HostAddress::id); newer != known.end()) out = *newer;
  for (const auto& address : remembered)
    if (std::ranges::find(out.addresses, address) == out.addresses.end()) out.addresses.push_back(address);
  return out;
}

}  // namespace inxt::client
