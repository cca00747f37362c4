// SPDX-License-Identifier: LGPL-3.0-or-later
// Where Hosts are: what a manifest remembers, and what a newer hosts file says, also of Hosts that have another key
// since.
#pragma once

#include "format/known_hosts.h"
#include "transfer/piece_service.h"

namespace inxt::client {

/// One entry for each id that the hosts file leads from to a Host.
std::vector<transfer::HostAddress> addresses_of(const format::KnownHosts& hosts);

/// Host `id` with the addresses in `known` first, then those that were remembered; each once.
transfer::HostAddress newest_address(const HostId& id, const std::vector<std::string>& remembered,
                                     const std::vector<transfer::HostAddress>& known);

}  // namespace inxt::client
