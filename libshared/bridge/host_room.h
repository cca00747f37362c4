// SPDX-License-Identifier: LGPL-3.0-or-later
// What of a Host's room this Bridge speaks for.  Each function is a part of the caller's transaction.
#pragma once

#include <unordered_map>

#include "base/ids.h"
#include "database/transaction.h"

namespace inxt::bridge {

struct HostRoom {
  std::int64_t reserved_bytes = 0;  // by placements that have not ended
  std::int64_t charged_bytes = 0;   // for accounts, to whomever
};

/// Adds `change`, which may be negative; gives the sum.
Result<HostRoom> add_room(database::Transaction& transaction, const HostId& host, const HostRoom& change);

/// Of all Hosts that there is something of.
Result<std::unordered_map<HostId, HostRoom>> read_rooms(database::Transaction& transaction);

}  // namespace inxt::bridge
