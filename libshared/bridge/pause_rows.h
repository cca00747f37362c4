// SPDX-License-Identifier: LGPL-3.0-or-later
// Pauses that were granted to Hosts.  Each function is a part of the caller's transaction.  Wire:
// inxt-bridge(7), "Pauses".
#pragma once

#include "base/ids.h"
#include "database/transaction.h"

namespace inxt::bridge {

/// That count in the allowance; with more, none is granted until some are older than
/// plan::kPauseYearWindowS.
inline constexpr std::size_t kPausesPerHostMax = 64;

/// What a Host says now: away until then; not later than now: not (any more).  Gives until when its silence
/// costs it nothing, which host_beats has from here on; 0 where it is not paused.
/// Errors: the database's.
Result<std::int64_t> take_pause(database::Transaction& transaction, const HostId& host,
                                std::int64_t away_until_unix_s, std::int64_t now_unix_s);

/// Those of a key that was given up count for its successor.
Result<void> move_pauses(database::Transaction& transaction, const HostId& from, const HostId& to);

}  // namespace inxt::bridge
