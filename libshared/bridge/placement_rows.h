// SPDX-License-Identifier: LGPL-3.0-or-later
// Placements that have not ended: what they reserve at Hosts and of quotas.  Each function is a part of the
// caller's transaction.
//
// A reservation is of the quota at once and moves to the charge of an account (charges.h) as it is vouched
// for.  What was not vouched for when the placement ends is free again.
#pragma once

#include <string>
#include <vector>

#include "bridge/authority.h"
#include "format/placement.h"

namespace inxt::bridge {

inline constexpr std::int64_t kPlacementLifeS = 3600;   // from the last time that it was used
inline constexpr std::int64_t kPlacementsMax = 1000;  // of one holder, that have not ended
inline constexpr std::int64_t kPlacementsEndedAtOnceMax = 200;

using format::PlacementId;

struct ReservedHost {
  HostId host;
  std::int64_t share_bytes = 0;     // that its pieces would take
  std::int64_t reserved_bytes = 0;  // 0 for one that stands in: it is reserved when it is vouched for
  std::int64_t free_bytes = 0;      // as it says
};

struct NewPlacement {
  PlacementId id{};
  std::string answer;  // kept, and given again
  std::vector<ReservedHost> hosts;
};

struct Reserved {
  /// Set when this holder had asked with this id before: what was answered then; nothing was reserved now.
  std::optional<std::string> earlier_answer = {};
  /// Hosts without the room, as others have reserved it: nothing was reserved, and the transaction is to end
  /// with an error.
  std::vector<HostId> full = {};
  std::int64_t reserved_bytes = 0;
};
/// Errors: quota, also for kPlacementsMax; the database's.
Result<Reserved> reserve_placement(database::Transaction& transaction, const Authority& authority,
                                   const NewPlacement& placement, std::int64_t now_unix_s);
/// What was answered under this id, where it has not ended.
Result<std::optional<std::string>> find_placement(database::Transaction& transaction, const UsagePath& path,
                                                  const PlacementId& id, std::int64_t now_unix_s);

struct WantedVoucher {
  HostId host;
  AccountId account;
  std::optional<std::int64_t> bytes = {};  // of this placement so far; none: all of its share
};
struct GivenVoucher {
  HostId host;
  AccountId account;
  std::int64_t bytes = 0;  // that the account may have at the Host in all
};
/// Errors: not_found when there is no such placement (any more); denied for a Host that is not in it, or
/// another account than before; quota; the database's.
Result<std::vector<GivenVoucher>> vouch_for_placement(database::Transaction& transaction,
                                                      const Authority& authority, const PlacementId& id,
                                                      const std::vector<WantedVoucher>& wanted,
                                                      std::int64_t now_unix_s);

/// False where there is none.
Result<bool> end_placement(database::Transaction& transaction, const UsagePath& path, const PlacementId& id);
/// How many of this path's have not ended.
Result<std::int64_t> placements_of(database::Transaction& transaction, const UsagePath& path);
/// Ends those that nobody has used for long, at most kPlacementsEndedAtOnceMax; returns how many.
Result<std::int64_t> end_old_placements(database::Transaction& transaction, std::int64_t now_unix_s);

}  // namespace inxt::bridge
