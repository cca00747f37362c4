// SPDX-License-Identifier: LGPL-3.0-or-later
// Hosts that a Bridge places remade pieces at, and its vouchers for them.  Tool: inxt-repair(1).
#pragma once

#include "client/latest_vouchers.h"
#include "client/repair_hosts.h"
#include "keys/owner.h"
#include "transfer/bridge_accounts.h"

namespace inxt::client {

/// A placement for each piece, named by it: asked for again, the Bridge gives what it gave, as long as that is reserved.
class PlacedRepairHosts final : public RepairHosts {
 public:
  /// `vouchers`: what pieces show.  REQUIRES: all that is referred to outlives it.
  PlacedRepairHosts(transfer::BridgeAccounts& bridge, const keys::UploaderKeys& uploader, LatestVouchers& vouchers,
                    std::uint64_t price_max, format::PlacementAllowances allow = {})
      : bridge_(bridge), uploader_(uploader), vouchers_(vouchers), price_max_(price_max), allow_(allow) {}

  /// Errors: those of BridgeAccounts: quota; try_again where no Host qualifies; integrity as check_placement().
  net::Awaitable<Result<std::vector<format::Descriptor>>> candidates(const PieceId& piece, std::uint32_t size,
                                                                    std::set<HostId>& taken) override;
  /// Gives back what was reserved and not used.  Best effort.
  net::Awaitable<void> end();

 private:
  transfer::BridgeAccounts& bridge_;
  const keys::UploaderKeys& uploader_;
  LatestVouchers& vouchers_;
  std::uint64_t price_max_;
  format::PlacementAllowances allow_;
  std::vector<format::PlacementId> placements_;
};

}  // namespace inxt::client
