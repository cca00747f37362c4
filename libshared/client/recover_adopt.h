// SPDX-License-Identifier: LGPL-3.0-or-later
// Gives another Bridge a log that was recovered: the owner's own lines, as they were signed.
#pragma once

#include "client/recover_log.h"
#include "client/recover_state.h"
#include "transfer/bridge_accounts.h"
#include "transfer/bridge_log.h"

namespace inxt::client {

struct AdoptReport {
  std::uint64_t entries = 0;  // given now
  std::uint64_t records = 0;
  std::uint64_t had = 0;  // entries that the Bridge had already
};

/// Appends the entries up to the first gap, with their records, behind those that the Bridge has.  One that
/// was cut off goes on.  Errors: integrity when the Bridge has another log; those of the Bridge.
net::Awaitable<Result<AdoptReport>> adopt_log(transfer::BridgeLog& bridge, const RecoveredLog& log,
                                              std::function<bool()> stopped);

/// Tells the Bridge what the owner's accounts have at Hosts from before, so that they are charged for it
/// there and can store more: a Host takes no more of an account than the Bridge vouches for in all.  Gives at
/// how many Hosts and accounts the Bridge took it over; others it does not know, or has charged already.
/// Errors: quota; those of the Bridge.
net::Awaitable<Result<std::size_t>> take_over_pieces(transfer::BridgeAccounts& bridge, const keys::Key& key,
                                                     const RecoverState& state,
                                                     const std::vector<transfer::HostAddress>& hosts);

}  // namespace inxt::client
