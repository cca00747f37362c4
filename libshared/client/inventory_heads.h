// SPDX-License-Identifier: LGPL-3.0-or-later
// Asks Hosts for the heads of their inventories, and whether these go on from what they showed before.
#pragma once

#include "client/audit_target.h"
#include "client/head_memory.h"
#include "client/network.h"

namespace inxt::client {

inline constexpr std::uint64_t kHeadsFollowedMax = 1000;  // between the one remembered and the one shown
inline constexpr std::uint32_t kHeadsPerRequest = 64;

/// What one Host shows.
struct ShownHead {
  transfer::HostAddress host;         // with its present id
  std::optional<AuditTarget> target;  // none: it showed no head that counts
  std::string reason;                 // then; hostile text
  bool not_followed = false;          // more than kHeadsFollowedMax lie between; nobody looked at them
};

/// One Host's latest head, which becomes an audit's target; and evidence where it conflicts with the one that
/// was seen before, or with those between.  `seen` may be null.  A Host that does not answer is no error.
net::Awaitable<ShownHead> look_at_head(Network network, transfer::HostAddress host, const SeenHead* seen,
                                       bool chained);

/// Several Hosts, at most `jobs` at once, in their order.  Remembers what each shows, unless something is
/// wrong with it.
net::Awaitable<std::vector<ShownHead>> look_at_heads(Network network,
                                                     const std::vector<transfer::HostAddress>& hosts,
                                                     HeadMemory& memory, bool chained, unsigned jobs);

}  // namespace inxt::client
