// SPDX-License-Identifier: LGPL-3.0-or-later
// Repairs in the database: who decides, who repairs what, and a record of each.  Each function is a part of
// the caller's transaction.
//
// Of the processes of a Bridge one decides, which holds a lease; when it dies another goes on.  Whoever
// repairs a segment holds a lease of that too, and what it found out is written down only while it does: so
// two that both believe that they decide do nothing twice.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "bridge/care_segments.h"
#include "database/transaction.h"

namespace inxt::bridge {

inline constexpr std::int64_t kRepairDays = 400;  // older records are forgotten
inline constexpr std::int64_t kRepairLeases = 5;  // a segment's is so many of the healer's
inline constexpr std::int64_t kRepairsForgottenAtOnce = 1000;
inline constexpr std::size_t kRepairNoteBytesMax = 300;  // the rest is cut off

using HealerId = ByteArray<16>;  // of a process; random

/// Takes the lease, or makes it last longer.  Since when Hosts have been watched with no gap longer than
/// `gap_s`; nothing while another process decides.
Result<std::optional<std::int64_t>> take_healer_lease(database::Transaction& transaction,
                                                      const HealerId& healer, std::int64_t now_unix_s,
                                                      std::int64_t lease_s, std::int64_t gap_s);
/// At the end of a process: another may go on at once.
Result<void> give_up_healer_lease(database::Transaction& transaction, const HealerId& healer,
                                  std::int64_t now_unix_s);

struct RepairedPiece {
  std::uint16_t place = 0;
  HostId former;
  HostId host;  // where it goes
  std::string state = "planned";
};

/// Where an earlier attempt, which nobody ended, was about to store this segment's pieces.
Result<std::vector<RepairedPiece>> planned_pieces(database::Transaction& transaction, CareSegmentKey segment);

struct NewRepair {
  CareSegmentKey segment_key = 0;
  FileId file;
  std::uint64_t segment = 0;
  std::vector<RepairedPiece> pieces;
};
/// The record's key: of one that was planned and never ended, or a new one.  Nothing while somebody else
/// repairs the segment.
Result<std::optional<std::int64_t>> begin_repair(database::Transaction& transaction, const HealerId& healer,
                                                 const NewRepair& repair, std::int64_t now_unix_s,
                                                 std::int64_t lease_s);

/// A repair that cannot begin: its record says why, and is made where there is none.  No attempt is counted,
/// and what an earlier one planned stays planned.  `pieces` of it does not count.
Result<void> note_unplaced(database::Transaction& transaction, const NewRepair& repair, std::string_view note,
                           std::int64_t now_unix_s);

/// All that this process repairs now, it does until then.
Result<void> extend_repairs(database::Transaction& transaction, const HealerId& healer,
                            std::int64_t now_unix_s, std::int64_t until_unix_s);
/// Whether the segment is still this process's; then the lease lasts until `until_unix_s`.
Result<bool> keep_repair(database::Transaction& transaction, const HealerId& healer, CareSegmentKey segment,
                         std::int64_t now_unix_s, std::int64_t until_unix_s);

struct RepairEnd {
  std::int64_t key = 0;
  CareSegmentKey segment_key = 0;
  std::vector<std::uint16_t> proved;  // places; the others are as they were
  bool is_whole = false;              // all of them
  std::uint64_t moved_bytes = 0;
  std::string note;
};
/// The state becomes proved, or partly; where nothing was proved it stays planned, and the next attempt goes
/// on with it.  The lease ends.
Result<void> end_repair(database::Transaction& transaction, const RepairEnd& end, std::int64_t now_unix_s);

struct RepairRecord {
  std::int64_t key = 0;
  FileId file;
  std::uint64_t segment = 0;
  std::string state;
  std::int64_t planned_unix_s = 0, changed_unix_s = 0;
  std::int64_t attempts = 0, moved_bytes = 0;
  std::string note;
  std::vector<RepairedPiece> pieces;
};
/// Those behind `after`, in the order in which they were planned.
Result<std::vector<RepairRecord>> list_repairs(database::Transaction& transaction, std::int64_t after,
                                               std::int64_t limit);
/// At most kRepairsForgottenAtOnce; how many.
Result<std::int64_t> forget_repairs(database::Transaction& transaction, std::int64_t now_unix_s);

/// When the entrusted pieces of Hosts are audited next, of those that ever were.
Result<std::unordered_map<HostId, std::int64_t>> next_care_audits(database::Transaction& transaction);
Result<void> save_care_audit(database::Transaction& transaction, const HostId& host, bool has_passed,
                             std::int64_t now_unix_s, std::int64_t next_unix_s);

}  // namespace inxt::bridge
