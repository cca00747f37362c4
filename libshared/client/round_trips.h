// SPDX-License-Identifier: LGPL-3.0-or-later
// How far away Hosts are from here.
#pragma once

#include <functional>
#include <vector>

#include "client/network.h"
#include "format/listed_host.h"

namespace inxt::client {

/// Asks each Host, `jobs` at once, and puts its round trip in the place of the Bridge's; nothing where it did
/// not answer. Returns how many did.
net::Awaitable<std::size_t> measure_round_trips(Network network, std::vector<format::ListedHost>& hosts,
                                                unsigned jobs, std::function<bool()> stopped);

}  // namespace inxt::client
