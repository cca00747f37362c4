// SPDX-License-Identifier: LGPL-3.0-or-later
// Owners' logs and records in the database.  Each function is a part of the caller's transaction; what it
// returns is true of that transaction's moment only.
//
// A log belongs to the holder of the root permit that it was begun under, and its id counts among that
// owner's logs only: nobody can take the name of another's.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "bridge/authority.h"
#include "bridge/log_append.h"
#include "database/transaction.h"

namespace inxt::bridge {

struct LogName {
  AccountId owner;  // Authority::owner()
  format::LogId log;
};

struct Appended {
  format::LogHead head;
  std::size_t entries = 0, records = 0;  // new ones: what was there already is not counted, nor charged
};
/// The entries do not follow the log's last one.  Nothing was changed.
struct HeadDiffers {
  format::LogHead head;
};

/// Adds records, then entries, where the first entry follows the log's last one.  Entries at the front that
/// are in the log already, byte for byte, are passed over: a repeat gives what the first gave.  Makes the log
/// where there is none and the entries begin at 1, or there are records only. Errors: quota, also for
/// logs_per_owner_max; the database's.
Result<std::variant<Appended, HeadDiffers>> append_to_log(database::Transaction& transaction,
                                                          const Authority& authority,
                                                          const format::LogId& log_id,
                                                          const LogAppend& append, std::int64_t now_unix_s);

struct LogPage {
  format::LogHead head;
  std::string lines;  // with newlines; at most kLogPageBytesMax bytes
};
/// Entries behind `after`, ascending, at most `limit` and as many as fit.  Nothing where there is no such
/// log.
Result<std::optional<LogPage>> page_of_log(database::Transaction& transaction, const LogName& name,
                                           std::uint64_t after, std::size_t limit);

struct StoredRecord {
  std::string line;                        // without newline
  std::optional<format::ObjectId> object;  // whose version it is, where that is known
};
Result<std::optional<StoredRecord>> find_record(database::Transaction& transaction, const LogName& name,
                                                const format::RecordId& record);

struct RecordInfo {
  format::RecordId record;
  std::optional<format::ObjectId> object;
  std::int64_t bytes = 0;  // of the line
  std::int64_t added_unix_s = 0;
};
/// Records with ids behind `after`, ascending, at most `limit`.  Nothing where there is no such log.
Result<std::optional<std::vector<RecordInfo>>> list_records(database::Transaction& transaction,
                                                            const LogName& name,
                                                            const std::optional<format::RecordId>& after,
                                                            std::size_t limit);

/// Deletes it and gives its bytes back to the permits that they were charged to.  False where there is none.
Result<bool> remove_record(database::Transaction& transaction, const LogName& name,
                           const format::RecordId& record);

}  // namespace inxt::bridge
