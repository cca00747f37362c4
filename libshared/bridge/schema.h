// SPDX-License-Identifier: LGPL-3.0-or-later
// A Bridge's tables, in one sequence of migrations.  Each part stands in a file of its own,
// schema_<subject>.cpp; here they have their place and their number.  What has been in a release is not
// changed: a later part mends it.
//
// All times are unix seconds, all ids and keys blobs of their length.
#pragma once

#include "database/migrate.h"

namespace inxt::bridge {

std::span<const database::SqlText> hosts_schema();    // hosts, beats, measures, probes, held, reports
std::span<const database::SqlText> logs_schema();     // logs, log_entries, records
std::span<const database::SqlText> shares_schema();   // shares, share_places, share_pieces
std::span<const database::SqlText> pauses_schema();   // planned absences of Hosts
std::span<const database::SqlText> care_schema();     // care_keys, _files, _segments, _places and more
std::span<const database::SqlText> repairs_schema();  // repairs, repair_pieces, leases of those who repair
std::span<const database::SqlText> care_places_schema();  // more of care_segments and care_places

/// Oldest first.
std::span<const database::Migration> schema();

}  // namespace inxt::bridge
