// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/repair_hosts.h"

#include "transfer/rebuild.h"

namespace inxt::client {

net::Awaitable<Result<std::vector<format::Descriptor>>> ListedRepairHosts::candidates(const PieceId& piece,
                                                                                     std::uint32_t size,
                                                                                     std::set<HostId>& taken) {
  std::vector<format::Descriptor> out;
  for (const auto& host : hosts_)
    if (!taken.contains(host.host) && host.free_bytes >= size) out.push_back(host);
  co_return transfer::in_order_for(piece, std::move(out), price_max_);
}

}  // namespace inxt::client
