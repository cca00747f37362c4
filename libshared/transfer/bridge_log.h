// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge does with an owner's log and records, typed and asynchronous.  Engines see this and nothing
// of HTTP; tests stand in here.  Wire: inxt-bridge(7), "Logs".
//
// Nothing that comes from here has been verified: a Bridge can lie.  client/log_chain.h checks entries, and a
// record is the one that was asked for when its hash is the id.
#pragma once

#include "format/log_entry.h"
#include "net/async.h"

namespace inxt::transfer {

inline constexpr std::uint32_t kLogPageEntriesMax = 256;  // in one answer
inline constexpr std::size_t kLogPageBytesMax =
    4 * 1024 * 1024;                                      // in one answer: it may have fewer entries for it
inline constexpr std::size_t kLogAppendRecordsMax = 256;  // in one request
inline constexpr std::size_t kLogAppendEntriesMax = 64;   // in one request
inline constexpr std::size_t kLogAppendBytesMax = 8 * 1024 * 1024;  // in one request, all its lines

/// Entries behind the one asked for, ascending, without newlines; and the log's head as the Bridge says it.
struct LogPage {
  format::LogHead head;
  std::vector<std::string> entries = {};  // none: `after` is the head, as the Bridge says
};

/// What is stored together or not at all: lines without newlines.
struct LogAppend {
  std::vector<std::string> records = {};  // those that the entries name
  std::vector<std::string> entries;       // at least one; the first hangs on the head that the caller expects
};

struct LogAppendAnswer {
  bool appended = false;  // false: another was faster, and nothing was stored
  format::LogHead head;   // the log's, now
};

/// Errors of all: try_again (no connection, busy; of append: it may have been done all the same), denied (no
/// capability for it), quota, integrity (an answer that does not fit the question), usage.
class BridgeLog {
 public:
  virtual ~BridgeLog() = default;

  /// Up to `limit` (at most kLogPageEntriesMax) entries behind number `after`; an unknown log is empty.
  virtual net::Awaitable<Result<LogPage>> entries(const format::LogId& log, std::uint64_t after,
                                                  std::uint32_t limit) = 0;
  /// Compare-and-set: done when the log's head is what the first entry's seq and prev say.
  /// REQUIRES: `what` lives until it resumes.
  virtual net::Awaitable<Result<LogAppendAnswer>> append(const format::LogId& log, const LogAppend& what) = 0;
  /// A record's line, without newline.  Errors: not_found.
  virtual net::Awaitable<Result<std::string>> record(const format::LogId& log,
                                                     const format::RecordId& id) = 0;
  /// Removes a record whose pieces are gone.  Done when it is not there.
  virtual net::Awaitable<Result<void>> remove_record(const format::LogId& log,
                                                     const format::RecordId& id) = 0;
};

}  // namespace inxt::transfer
