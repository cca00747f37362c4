// SPDX-License-Identifier: LGPL-3.0-or-later
// Who asks and what for: the chain of permits of one request, checked.
#pragma once

#include "database/transaction.h"
#include "format/bridge_capability.h"

namespace inxt::bridge {

/// Names a holder of a chain by all holders before it: two permits that the same hands gave to the same hands
/// are one account, with one use.
using UsagePath = crypto::Hash;

class Authority {
 public:
  /// `permits`: of the header Inxt-Permit.  Revocation is looked up in a transaction: check_not_revoked().
  /// Errors: integrity; denied, also when `client` is not who they were given to.
  /// Cost: a signature check for each permit.
  static Result<Authority> open(std::string_view permits, const crypto::PublicKey& bridge,
                                const AccountId& client, std::int64_t now_unix_s);

  const format::PermitChain& chain() const { return chain_; }
  /// Whom the Bridge gave the first permit: the owner of logs and shares.
  const AccountId& owner() const { return chain_.links().front().holder; }
  const AccountId& client() const { return chain_.last().holder; }
  /// Of each permit, in their order.
  const std::vector<UsagePath>& paths() const { return paths_; }
  const UsagePath& path() const { return paths_.back(); }
  /// Errors: denied, saying what the permit allows.
  Result<void> allow(format::Ability ability, const std::optional<format::ObjectId>& object = {}) const {
    return format::check_ability(chain_, ability, object);
  }

 private:
  format::PermitChain chain_;
  std::vector<UsagePath> paths_;
};

/// Errors: denied, naming the permit that was revoked; the database's.
Result<void> check_not_revoked(database::Transaction& transaction, const Authority& authority);

/// From now on no chain counts in which `issuer` signed this permit or one before it.  `owner`: on whose account that is
/// kept.  Errors: quota when that owner's have revoked `revoked_max`; the database's.  Doing it twice is as doing it once.
inline constexpr std::int64_t kRevocationsMax = 10'000;
Result<void> revoke_permit(database::Transaction& transaction, const format::PermitId& permit,
                           const crypto::PublicKey& issuer, const AccountId& owner, std::int64_t now_unix_s,
                           std::int64_t revoked_max = kRevocationsMax);

}  // namespace inxt::bridge
