// SPDX-License-Identifier: LGPL-3.0-or-later
// The leases of a reader of a share: asked for from the Bridge as pieces are wanted, for several pieces of a
// Host at once, and anew before they run out.  Wire: inxt-bridge(7), "Shares".
#pragma once

#include <unordered_map>

#include "format/share_bundle.h"
#include "net/event.h"
#include "sys/clock.h"
#include "transfer/bridge_shares.h"

namespace inxt::client {

class ManifestTable;

inline constexpr std::int64_t kLeaseLeftSMin = 60;  // one that ends sooner is asked for anew

/// On one executor; any number of coroutines.
class LeaseBook {
 public:
  /// REQUIRES: what is given outlives it.
  LeaseBook(transfer::BridgeShares& bridge, const format::ShareKeys& keys, const crypto::PublicKey& bridge_id,
            const std::vector<format::SharedAccount>& accounts, const net::Executor& executor,
            const sys::Clock& clock);

  /// The pieces of a manifest, in the order in which they will be wanted: neighbours are leased together.
  void add(const ManifestTable& manifest);

  /// "capability~lease", for Inxt-Capability.
  /// Errors: denied when the share has ended; not_found for a piece that was not added; integrity when the
  /// Bridge gives a lease for something else; those of BridgeShares.
  net::Awaitable<Result<std::string>> capability_for(HostId host, PieceId piece);

  /// Why no lease came, the last time that none did: what a failed transfer is to be told by.
  const std::optional<Error>& trouble() const { return trouble_; }

 private:
  struct Held {
    PieceId piece;
    AccountId account;
    std::shared_ptr<const format::LeaseAnswer> lease;
  };
  struct AtHost {
    std::vector<Held> pieces;  // in the order of add()
    std::unordered_map<PieceId, std::size_t> index;
    bool is_asking = false;
  };

  bool is_good(const Held& held) const;
  net::Awaitable<Result<void>> ask(const HostId& host, AtHost& at, std::size_t first);
  Result<void> check(const format::LeaseRequest& asked, const format::LeaseAnswer& answer) const;

  transfer::BridgeShares& bridge_;
  const format::ShareKeys& keys_;
  crypto::PublicKey bridge_id_;
  const std::vector<format::SharedAccount>& accounts_;
  const sys::Clock& clock_;
  net::Event event_;
  std::unordered_map<HostId, AtHost> hosts_;  // its members stay where they are
  std::optional<Error> trouble_;
};

/// The same error, said so that a reader understands it: a share that is not there was revoked, or has ended
/// (denied).
Error ended_share(Error error);

}  // namespace inxt::client
