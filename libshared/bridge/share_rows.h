// SPDX-License-Identifier: LGPL-3.0-or-later
// Shares in the database.  Each function is a part of the caller's transaction.
//
// A share's id is known to its owner and to whoever was given its secret; the reader proves itself by the
// share's client key, so ids count for all owners together.
#pragma once

#include <optional>
#include <vector>

#include "bridge/authority.h"
#include "format/share_requests.h"

namespace inxt::bridge {

struct ShareRow {
  AccountId owner;
  format::ShareInfo info;
};

enum class SharePut { made, replaced };

/// Makes it, or puts it in the place of the owner's share of the same id.  Clears away some of the owner's
/// expired ones. Errors: denied when the id is another owner's; quota, also for shares_per_owner_max; the
/// database's.
Result<SharePut> put_share(database::Transaction& transaction, const Authority& authority,
                           const format::ShareRequest& share, std::int64_t now_unix_s);

/// Also one that has expired.
Result<std::optional<ShareRow>> find_share(database::Transaction& transaction, const format::ShareId& share);
/// Errors: failure when there is none.
Result<Bytes> bundle_of_share(database::Transaction& transaction, const format::ShareId& share);

/// The owner's shares with ids behind `after`, ascending, at most `limit`; also expired ones that are still
/// there.
Result<std::vector<format::ShareInfo>> list_shares(database::Transaction& transaction, const AccountId& owner,
                                                   const std::optional<format::ShareId>& after,
                                                   std::size_t limit);

/// Gives its bytes back to the permits that they were charged to.  False where there is none.
Result<bool> remove_share(database::Transaction& transaction, const format::ShareId& share);

/// Those that have expired, of all owners, at most kSharesRemovedAtOnceMax; returns how many.
Result<std::int64_t> remove_expired_shares(database::Transaction& transaction, std::int64_t now_unix_s);

/// The capability under which pieces of the account at the Host may be leased.
/// Errors: denied when one of the pieces is not the share's there, naming it; the database's.
Result<std::string> capability_for(database::Transaction& transaction, const format::ShareId& share,
                                   const HostId& host, const AccountId& account,
                                   const std::vector<PieceId>& pieces);

}  // namespace inxt::bridge
