// SPDX-License-Identifier: LGPL-3.0-or-later
// What renewals show at Hosts that know an account only by a Bridge's word.  Tool: inxt-renew(1).
#pragma once

#include <map>

#include "client/manifest_table.h"
#include "keys/owner.h"
#include "sys/clock.h"
#include "transfer/bridge_accounts.h"
#include "transfer/piece_service.h"

namespace inxt::client {

inline constexpr std::int64_t kRenewalVoucherMarginS = 900;  // one that ends sooner is asked for again

/// Of each uploader's accounts, because each has its own at a Host.  One thread.
class RenewalVouchers {
 public:
  /// REQUIRES: both outlive it.
  RenewalVouchers(transfer::BridgeAccounts& bridge, const sys::Clock& clock)
      : bridge_(bridge), clock_(clock) {}

  /// Asks for those of this uploader's accounts at Hosts of the manifest that are not known.  `hosts`: under
  /// which id they are known now. Errors: those of BridgeAccounts.
  net::Awaitable<Result<void>> fetch(const ManifestTable& manifest, const keys::UploaderKeys& uploader,
                                     const std::vector<transfer::HostAddress>& hosts);
  /// `host`: as the manifest names it.
  std::optional<std::string> find(std::uint32_t uploader, const HostId& host) const;

 private:
  struct Asked {
    std::optional<std::string> token;  // nothing: the Bridge does not vouch for it
    std::int64_t until_unix_s = 0;
  };
  transfer::BridgeAccounts& bridge_;
  const sys::Clock& clock_;
  std::map<std::pair<std::uint32_t, HostId>, Asked> asked_;
};

}  // namespace inxt::client
