// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/log_append.h"

#include <fmt/format.h>

#include "bridge/log_limits.h"

namespace inxt::bridge {
namespace {

using format::Does;

/// What a line is, by the bytes that every writer begins it with; the format's reader has the last word.
enum class LineKind { entry, record, other };
LineKind kind_of(std::string_view line) {
  if (line.starts_with(R"({"type":"entry")")) return LineKind::entry;
  if (line.starts_with(R"({"type":"object")")) return LineKind::record;
  return LineKind::other;
}

std::unexpected<Error> another_log(const std::string& where, const format::LogId& log) {
  return fail(Code::integrity, fmt::format("{}: log: not {}", where, log.hex()));
}

Result<void> add_entry(LogAppend& append, std::string_view line, const format::LogId& log,
                       const std::string& where) {
  if (append.entries.size() == kAppendEntriesMax)
    return fail(Code::usage,
                fmt::format("{}: more than {} entries (append_entries_max)", where, kAppendEntriesMax));
  const auto opened = TRY(format::open_entry_head(line, where));
  if (opened.head.log != log) return another_log(where, log);
  if (opened.head.seq > kLogSeqMax)
    return fail(Code::integrity, fmt::format("{}: seq: larger than {} (log_seq_max)", where, kLogSeqMax));
  if (!append.entries.empty()) {
    const AppendEntry& before = append.entries.back();
    if (opened.head.seq != before.seq + 1)
      return fail(Code::integrity,
                  fmt::format("{}: seq: not the number behind that of the entry before", where));
    if (opened.head.prev != before.hash)
      return fail(Code::integrity, fmt::format("{}: prev: not the hash of the entry before", where));
  }
  append.entries.push_back({.seq = opened.head.seq,
                            .previous = opened.head.prev,
                            .hash = opened.hash,
                            .line = line,
                            .uploader = opened.head.uploader,
                            .writer = opened.head.writer});
  append.does.insert(append.does.end(), opened.head.does.begin(), opened.head.does.end());
  return {};
}

Result<void> add_record(LogAppend& append, std::string_view line, const format::LogId& log,
                        const std::string& where) {
  if (append.records.size() == kAppendRecordsMax)
    return fail(Code::usage,
                fmt::format("{}: more than {} records (append_records_max)", where, kAppendRecordsMax));
  const auto opened = TRY(format::open_record_head(line, where));
  if (opened.head.log != log) return another_log(where, log);
  append.records.push_back({.id = opened.id, .object = std::nullopt, .line = line});
  return {};
}

void name_objects(LogAppend& append) {
  std::vector<const Does*> puts;
  for (const Does& does : append.does)
    if (does.what == Does::What::create || does.what == Does::What::write) puts.push_back(&does);
  if (puts.size() != append.records.size()) return;
  for (std::size_t i = 0; i < puts.size(); ++i) {
    // An object is named by its first record: one that is said to begin another object is of none that is
    // known.
    const bool is_first = puts[i]->what == Does::What::create;
    if (is_first && puts[i]->object && puts[i]->object->bytes != append.records[i].id.bytes) continue;
    append.records[i].object = puts[i]->object;
  }
}

}  // namespace

Result<LogAppend> read_append(std::string_view body, const format::LogId& log) {
  if (body.size() > kAppendBytesMax)
    return fail(Code::usage,
                fmt::format("the body is longer than {} bytes (append_bytes_max)", kAppendBytesMax));
  if (body.empty()) return fail(Code::usage, "the body is empty: it takes entries and records, a line each");
  LogAppend append;
  for (std::size_t number = 1; !body.empty(); ++number) {
    const std::string where = fmt::format("line {}", number);
    const std::size_t end = body.find('\n');
    if (end == body.npos) return fail(Code::integrity, where + ": it has no newline at its end");
    const std::string_view line = body.substr(0, end);
    body.remove_prefix(end + 1);
    switch (kind_of(line)) {
      case LineKind::entry:
        TRY(add_entry(append, line, log, where));
        break;
      case LineKind::record:
        TRY(add_record(append, line, log, where));
        break;
      case LineKind::other:
        return fail(Code::integrity, where + ": type: neither an entry nor an object");
    }
  }
  name_objects(append);
  return append;
}

}  // namespace inxt::bridge
