// SPDX-License-Identifier: LGPL-3.0-or-later
// What a POST to a log holds, as far as a Bridge can see it: entries and records, a line each.
// Wire: inxt-bridge(7), "POST /v1/logs/{log}".  Formats: inxt-tree(5).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "format/log_entry.h"

namespace inxt::bridge {

/// Form and signature are right; it says that it follows the entry before it, in the same body where there is
/// one.
struct AppendEntry {
  std::uint64_t seq = 0;
  crypto::Hash previous{};
  crypto::Hash hash{};    // of the line
  std::string_view line;  // without newline, within the text that was read
  std::uint32_t uploader = 0;
  WriterId writer{};
};

/// Form and signature are right.
struct AppendRecord {
  format::RecordId id;
  /// Whose version it is.  Nothing where the body's entries do not tell: then only permits for all objects
  /// count.
  std::optional<format::ObjectId> object;
  std::string_view line;
};

struct LogAppend {
  std::vector<AppendEntry> entries;
  std::vector<AppendRecord> records;
  std::vector<format::Does> does;  // of all entries, in their order
};

/// Which object a record is a version of is sealed; but the operations that name records stand in `does` in
/// their order, so the n-th record is that of the n-th "create" or "write", where there are as many. Errors:
/// usage when the body is too long, empty, or has too many lines; integrity for a line that is neither, is of
/// another log, is wrong, or does not follow the entry before it: with the number of the line. Limits:
/// kAppendBytesMax, kAppendEntriesMax, kAppendRecordsMax.  Cost: a signature check and a hash for each line.
Result<LogAppend> read_append(std::string_view body, const format::LogId& log);

}  // namespace inxt::bridge
