// SPDX-License-Identifier: LGPL-3.0-or-later
// Which Hosts a Bridge knows.  Engines see this and nothing of HTTP; tests stand in here.  Wire:
// inxt-bridge(7).
#pragma once

#include "format/listed_host.h"
#include "transfer/bridge_client.h"

namespace inxt::transfer {

inline constexpr std::size_t kHostsAskedMax = 1000;  // at once

struct HostsQuery {
  std::optional<HostId> after = {};
  std::size_t limit = kHostsAskedMax;  // 1 to kHostsAskedMax
  bool all = false;                    // also Hosts that are away
};

class BridgeHosts {
 public:
  virtual ~BridgeHosts() = default;
  /// Hosts with ids behind `after`, ascending; none at the end.  Descriptors are signed by their Hosts, which
  /// was checked; all else is the Bridge's word. Errors: those of BridgeClient::ask(); integrity for an
  /// answer that does not fit the question.
  virtual net::Awaitable<Result<std::vector<format::ListedHost>>> list(const HostsQuery& query) = 0;
};

/// One thread, as BridgeClient.
class HttpBridgeHosts final : public BridgeHosts {
 public:
  explicit HttpBridgeHosts(BridgeClient& client) : client_(client) {}
  net::Awaitable<Result<std::vector<format::ListedHost>>> list(const HostsQuery& query) override;

 private:
  BridgeClient& client_;
};

}  // namespace inxt::transfer
