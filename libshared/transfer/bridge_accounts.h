// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge does for an account: placements, vouchers, quota, permits.  Engines see this and nothing of
// HTTP; tests stand in here.  Wire: inxt-bridge(7).
#pragma once

#include "format/bridge_account.h"
#include "format/bridge_capability.h"
#include "format/placement.h"
#include "transfer/bridge_client.h"

namespace inxt::transfer {

/// Errors of all: those of BridgeClient::ask(); integrity for an answer that does not fit the question.
class BridgeAccounts {
 public:
  virtual ~BridgeAccounts() = default;

  /// The Bridge's key.
  virtual const crypto::PublicKey& bridge() const = 0;

  /// Errors: quota when it would pass the account's; try_again when too few Hosts qualify.
  virtual net::Awaitable<Result<format::PlacementGiven>> place(const format::PlacementWish& wish) = 0;
  /// At most format::kVouchersMax at once.  Gives one for each wish.
  /// Errors: quota; not_found when the placement has ended.
  virtual net::Awaitable<Result<format::VouchersGiven>> vouchers(
      const format::PlacementId& placement, const std::vector<format::VoucherWish>& wishes) = 0;
  /// Vouchers by which accounts renew what they have; at most format::kVouchersMax at once.  One that nobody by this
  /// permit is charged for gets none.
  virtual net::Awaitable<Result<format::VouchersGiven>> vouchers_again(
      const std::vector<format::VoucherWish>& wishes) = 0;
  /// What was not vouched for is free again.  Done when it had ended already.
  virtual net::Awaitable<Result<void>> end(const format::PlacementId& placement) = 0;
  virtual net::Awaitable<Result<format::BridgeAccount>> account() = 0;
  /// From now on nothing is allowed by this permit and those after it.
  virtual net::Awaitable<Result<void>> revoke(const format::PermitId& permit) = 0;
};

/// One thread, as BridgeClient.
class HttpBridgeAccounts final : public BridgeAccounts {
 public:
  explicit HttpBridgeAccounts(BridgeClient& client) : client_(client) {}

  const crypto::PublicKey& bridge() const override { return client_.peer().id; }

  net::Awaitable<Result<format::PlacementGiven>> place(const format::PlacementWish& wish) override;
  net::Awaitable<Result<format::VouchersGiven>> vouchers(
      const format::PlacementId& placement, const std::vector<format::VoucherWish>& wishes) override;
  net::Awaitable<Result<format::VouchersGiven>> vouchers_again(
      const std::vector<format::VoucherWish>& wishes) override;
  net::Awaitable<Result<void>> end(const format::PlacementId& placement) override;
  net::Awaitable<Result<format::BridgeAccount>> account() override;
  net::Awaitable<Result<void>> revoke(const format::PermitId& permit) override;

 private:
  BridgeClient& client_;
};

}  // namespace inxt::transfer
