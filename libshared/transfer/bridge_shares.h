// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge does with shares, typed and asynchronous.  Engines see this and nothing of HTTP; tests stand
// in here.  Wire: inxt-bridge(7), "Shares".
//
// A bundle is sealed under the share's secret, which no Bridge has: whoever opens it knows whether it is the
// owner's.
#pragma once

#include "format/share_requests.h"
#include "net/async.h"

namespace inxt::transfer {

inline constexpr std::uint32_t kSharesPageMax = 256;

/// Errors of all: try_again (no connection, busy), denied (no permit for it, or not the reader), not_found
/// (also for a share that was revoked or has expired), quota, integrity (an answer that does not fit the
/// question), usage.
class BridgeShares {
 public:
  virtual ~BridgeShares() = default;

  // The owner's side: needs a permit that can "share".

  /// Makes it, or puts it in the place of an own share of the same id.
  /// REQUIRES: `request` and its bundle live until it resumes.
  virtual net::Awaitable<Result<void>> put(const format::ShareRequest& request) = 0;
  /// Up to `limit` (at most kSharesPageMax) of the owner's shares with ids behind `after`, ascending.
  virtual net::Awaitable<Result<std::vector<format::ShareInfo>>> list(
      const std::optional<format::ShareId>& after, std::uint32_t limit) = 0;
  /// From now on it is not shown and nothing is leased; what was leased runs out within an hour.  Done when
  /// it is not there.
  virtual net::Awaitable<Result<void>> revoke(const format::ShareId& share) = 0;

  // The reader's side: the TLS key is the share's client key.  The owner may fetch a bundle too.

  virtual net::Awaitable<Result<std::string>> bundle(const format::ShareId& share) = 0;
  /// For 1 to format::kLeasePiecesMax pieces.  Errors: denied where one of them is not the share's.
  virtual net::Awaitable<Result<format::LeaseAnswer>> lease(const format::ShareId& share,
                                                            const format::LeaseRequest& request) = 0;
};

}  // namespace inxt::transfer
