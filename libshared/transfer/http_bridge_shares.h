// SPDX-License-Identifier: LGPL-3.0-or-later
// Shares at a Bridge, over HTTPS.  Wire: inxt-bridge(7), "Shares".
#pragma once

#include "transfer/bridge_client.h"
#include "transfer/bridge_shares.h"

namespace inxt::transfer {

/// One thread.  REQUIRES: the client outlives it, and whatever is being asked.
class HttpBridgeShares final : public BridgeShares {
 public:
  explicit HttpBridgeShares(BridgeClient& client) : client_(client) {}

  net::Awaitable<Result<void>> put(const format::ShareRequest& request) override;
  net::Awaitable<Result<std::vector<format::ShareInfo>>> list(const std::optional<format::ShareId>& after,
                                                              std::uint32_t limit) override;
  net::Awaitable<Result<void>> revoke(const format::ShareId& share) override;
  net::Awaitable<Result<std::string>> bundle(const format::ShareId& share) override;
  net::Awaitable<Result<format::LeaseAnswer>> lease(const format::ShareId& share,
                                                    const format::LeaseRequest& request) override;

 private:
  BridgeClient& client_;
};

}  // namespace inxt::transfer
