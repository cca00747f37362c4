// SPDX-License-Identifier: LGPL-3.0-or-later
// An entry of an owner's log: a signed line that hangs on the hash of the one before it.  The Bridge keeps
// the lines, reads their clear members, and lets nobody append but behind the last.  Format: inxt-tree(5),
// "Log entries".
#pragma once

#include "format/tree_ops.h"

namespace inxt::format {

inline constexpr std::size_t kEntryLineBytesMax = 64 * 1024 - 1;  // without newline
inline constexpr std::size_t kEntryBodyBytesMax = 256 * 1024;     // of JSON

/// The end of a log: what the next entry hangs on.
struct LogHead {
  std::uint64_t seq = 0;  // 0: the log is empty
  crypto::Hash hash{};    // of entry `seq`; zeros where it is empty
  bool operator==(const LogHead&) const = default;
};

/// An entry's clear members.
struct EntryHead {
  LogId log;
  std::uint64_t seq = 0;  // from 1
  crypto::Hash prev{};    // entry_hash of entry seq - 1; zeros for the first
  WriterId writer;
  std::uint32_t uploader = 0;
  std::string certificate = {};  // inxt-certificate; empty where readers derive the writer themselves
  std::int64_t time_unix_s = 0;  // by the writer's clock
  std::vector<Does> does = {};   // one for each operation, in their order
};

/// SHA-256("inxt/v1/entry", 0, line).
crypto::Hash entry_hash(std::string_view line);

/// head.does is set from `ops`.  The line is without newline.
/// Errors: usage when an operation is not in the format, when there are none or more than kOpsMax, or when
/// the line would pass kEntryLineBytesMax: then the caller tries fewer operations.
Result<std::string> sign_entry(EntryHead head, const std::vector<Op>& ops, const BodySealer& sealer,
                               const crypto::SigningKey& writer, crypto::Random& random);

/// A line whose form and signature are right.  What the Bridge reads; whether the writer counts, and whether
/// it is the next of its log, is the caller's question.
struct OpenedEntryHead {
  EntryHead head;
  crypto::Hash hash{};  // of the line
  SealedLine sealed;    // for open_entry
};
/// Errors: integrity.  Cost: one signature check and a hash of the line.
Result<OpenedEntryHead> open_entry_head(std::string_view line, const std::string& where = "entry");

/// The operations.  Errors: integrity when the body is not what the clear members say (another log, other
/// `does`), is not in the format, or when an uploader other than 0 does more than put new objects at paths;
/// wrong_key.
Result<std::vector<Op>> open_entry(const OpenedEntryHead& head, const TreeKey& key);

}  // namespace inxt::format
