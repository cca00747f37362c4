// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/log_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "bridge/log_limits.h"
#include "bridge/usage.h"

namespace inxt::bridge {
namespace {

using database::Rows;
using database::Transaction;

/// SQL has no unsigned integers; a seq is at most kLogSeqMax.
std::int64_t number(std::uint64_t seq) {
  return static_cast<std::int64_t>(seq);
}

struct LogRow {
  std::int64_t key = 0;
  format::LogHead head;
  std::int64_t end_bytes = 0;  // of all its entries
};

Result<std::optional<LogRow>> find_log(Transaction& transaction, const LogName& name) {
  const Rows rows = TRY(transaction.query(
      "SELECT key, seq, head, end_bytes FROM logs WHERE owner = $1 AND log = $2", {name.owner, name.log}));
  if (rows.empty()) return std::nullopt;
  LogRow log;
  log.key = rows[0].integer(0);
  log.head.seq = static_cast<std::uint64_t>(rows[0].integer(1));
  log.head.hash = rows[0].bytes<32>(2);
  log.end_bytes = rows[0].integer(3);
  return log;
}

Result<LogRow> make_log(Transaction& transaction, const LogName& name, std::int64_t now_unix_s) {
  const Rows count = TRY(transaction.query("SELECT COUNT(*) FROM logs WHERE owner = $1", {name.owner}));
  if (count[0].integer(0) >= kLogsPerOwnerMax)
    return fail(Code::quota, fmt::format("there are {} logs of this owner already (logs_per_owner_max)",
                                         kLogsPerOwnerMax));
  LogRow log;
  const Rows made =
      TRY(transaction.query("INSERT INTO logs (owner, log, seq, head, end_bytes, created) VALUES ($1, $2, 0, "
                            "$3, 0, $4) ON CONFLICT (owner, log) DO NOTHING RETURNING key",
                            {name.owner, name.log, log.head.hash, now_unix_s}));
  if (made.empty()) return fail(Code::try_again, "the same log was begun at the same time");
  log.key = made[0].integer(0);
  return log;
}

/// How many of the entries, from the first on, the log has already; nothing where they do not belong to it.
Result<std::optional<std::size_t>> entries_known(Transaction& transaction, const std::optional<LogRow>& log,
                                                 const std::vector<AppendEntry>& entries) {
  if (entries.empty()) return 0;
  const format::LogHead head = log ? log->head : format::LogHead{};
  const AppendEntry& first = entries.front();
  if (first.seq > head.seq + 1) return std::nullopt;
  if (first.seq == head.seq + 1)
    return first.previous == head.hash ? std::optional<std::size_t>(0) : std::nullopt;
  const std::size_t known =
      static_cast<std::size_t>(std::min<std::uint64_t>(head.seq - first.seq + 1, entries.size()));
  // Each entry names the hash of the one before it: where the last of them is the same, all are.
  const AppendEntry& last = entries[known - 1];
  const Rows rows = TRY(transaction.query("SELECT hash FROM log_entries WHERE log = $1 AND seq = $2",
                                          {log->key, number(last.seq)}));
  if (rows.empty()) return fail(Code::failure, fmt::format("the database lacks entry {} of a log", last.seq));
  if (rows[0].bytes<32>(0) != last.hash) return std::nullopt;
  return known;
}

/// An entry by another key that says uploader 0 would keep the owner's machines from reading the log at all,
/// and whoever may create can sign one.  Which key is the owner's, a Bridge knows of the first entry only,
/// where that says uploader 0; whom it gave the permit itself is not asked.
Result<void> check_owner_writer(Transaction& transaction, const Authority& authority,
                                const std::optional<LogRow>& log, std::span<const AppendEntry> entries) {
  if (authority.chain().links().size() == 1 || !log || log->head.seq == 0) return {};
  const auto as_owner = std::ranges::find(entries, 0U, &AppendEntry::uploader);
  if (as_owner == entries.end()) return {};
  const Rows rows =
      TRY(transaction.query("SELECT line FROM log_entries WHERE log = $1 AND seq = 1", {log->key}));
  if (rows.empty()) return fail(Code::failure, "the database lacks entry 1 of a log");
  const auto first = TRY(format::open_entry_head(rows[0].text(0)));
  if (first.head.uploader != 0) return {};
  for (const AppendEntry& entry : entries)
    if (entry.uploader == 0 && entry.writer != first.head.writer)
      return fail(Code::denied,
                  fmt::format("entry {}: writer: says uploader 0, and is not who began the log", entry.seq));
  return {};
}

std::int64_t charge_of(std::string_view line) {
  return static_cast<std::int64_t>(line.size()) + kRowChargeBytes;
}

std::int64_t bytes_of(const AppendEntry& entry) {
  return static_cast<std::int64_t>(entry.line.size()) + 1;  // with its newline
}

Result<void> move_head(Transaction& transaction, const LogRow& log, const format::LogHead& head,
                       std::span<const AppendEntry> entries) {
  std::int64_t end_bytes = log.end_bytes;
  for (const AppendEntry& entry : entries) end_bytes += bytes_of(entry);
  TRY(transaction.execute("UPDATE logs SET seq = $2, head = $3, end_bytes = $4 WHERE key = $1",
                          {log.key, number(head.seq), head.hash, end_bytes}));
  return {};
}

/// What they are charged.
Result<std::int64_t> add_entries(Transaction& transaction, const LogRow& log,
                                 std::span<const AppendEntry> entries) {
  std::int64_t end_bytes = log.end_bytes, charged_bytes = 0;
  for (const AppendEntry& entry : entries) {
    end_bytes += bytes_of(entry);
    charged_bytes += charge_of(entry.line);
    TRY(transaction.execute(
        "INSERT INTO log_entries (log, seq, hash, end_bytes, line) VALUES ($1, $2, $3, $4, $5)",
        {log.key, number(entry.seq), entry.hash, end_bytes, entry.line}));
  }
  return charged_bytes;
}

Result<bool> add_record(Transaction& transaction, std::int64_t log, const AppendRecord& record,
                        const UsagePath& path, std::int64_t now_unix_s) {
  return TRY(transaction.execute(
             "INSERT INTO records (log, record, object, bytes, line, path, added)"
             " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (log, record) DO NOTHING",
             {log, record.id, record.object, static_cast<std::int64_t>(record.line.size()), record.line, path,
              now_unix_s})) == 1;
}

std::optional<format::ObjectId> object_in(const database::Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return row.id<format::ObjectId>(column);
}

}  // namespace

Result<std::variant<Appended, HeadDiffers>> append_to_log(Transaction& transaction,
                                                          const Authority& authority,
                                                          const format::LogId& log_id,
                                                          const LogAppend& append, std::int64_t now_unix_s) {
  const LogName name{.owner = authority.owner(), .log = log_id};
  std::optional<LogRow> log = TRY(find_log(transaction, name));
  const std::optional<std::size_t> known = TRY(entries_known(transaction, log, append.entries));
  if (!known) return HeadDiffers{.head = log ? log->head : format::LogHead{}};
  const std::span<const AppendEntry> entries = std::span(append.entries).subspan(*known);
  TRY(check_owner_writer(transaction, authority, log, entries));
  if (!log) log = TRY(make_log(transaction, name, now_unix_s));

  Appended done{.head = log->head, .entries = append.entries.size() - *known, .records = 0};
  // The log's row first: of two who append at once, one waits for the other here, and begins again.
  if (!entries.empty()) {
    done.head = format::LogHead{.seq = entries.back().seq, .hash = entries.back().hash};
    TRY(move_head(transaction, *log, done.head, entries));
  }
  std::int64_t charged_bytes = TRY(add_entries(transaction, *log, entries));
  for (const AppendRecord& record : append.records) {
    if (!TRY(add_record(transaction, log->key, record, authority.path(), now_unix_s))) continue;
    ++done.records;
    charged_bytes += charge_of(record.line);
  }
  if (charged_bytes > 0) TRY(take_quota(transaction, authority, charged_bytes));
  return done;
}

Result<std::optional<LogPage>> page_of_log(Transaction& transaction, const LogName& name, std::uint64_t after,
                                           std::size_t limit) {
  const std::optional<LogRow> log = TRY(find_log(transaction, name));
  if (!log) return std::nullopt;
  LogPage page;
  page.head = log->head;
  if (after >= log->head.seq) return page;

  std::int64_t begin_bytes = 0;  // where the page begins in the log's bytes
  if (after > 0) {
    const Rows rows = TRY(transaction.query("SELECT end_bytes FROM log_entries WHERE log = $1 AND seq = $2",
                                            {log->key, number(after)}));
    if (rows.empty()) return fail(Code::failure, fmt::format("the database lacks entry {} of a log", after));
    begin_bytes = rows[0].integer(0);
  }
  const std::uint64_t last = std::min<std::uint64_t>(after + limit, log->head.seq);
  // What the page may hold is decided by the rows' own numbers, so that no line is read in vain.
  const Rows rows = TRY(transaction.query(
      "SELECT line FROM log_entries WHERE log = $1 AND seq > $2 AND seq <= $3 AND end_bytes <= $4 ORDER BY "
      "seq",
      {log->key, number(after), number(last), begin_bytes + static_cast<std::int64_t>(kLogPageBytesMax)}));
  page.lines.reserve(rows.size_bytes());
  for (const database::Row row : rows) (page.lines += row.text(0)) += '\n';
  return page;
}

Result<std::optional<StoredRecord>> find_record(Transaction& transaction, const LogName& name,
                                                const format::RecordId& record) {
  const Rows rows =
      TRY(transaction.query("SELECT r.line, r.object FROM records r JOIN logs l ON l.key = r.log"
                            " WHERE l.owner = $1 AND l.log = $2 AND r.record = $3",
                            {name.owner, name.log, record}));
  if (rows.empty()) return std::nullopt;
  return StoredRecord{.line = std::string(rows[0].text(0)), .object = object_in(rows[0], 1)};
}

Result<std::optional<std::vector<RecordInfo>>> list_records(Transaction& transaction, const LogName& name,
                                                            const std::optional<format::RecordId>& after,
                                                            std::size_t limit) {
  const std::optional<LogRow> log = TRY(find_log(transaction, name));
  if (!log) return std::nullopt;
  const ByteView behind = after ? after->view() : ByteView{};  // no blob is less than the empty one
  const Rows rows =
      TRY(transaction.query("SELECT record, object, bytes, added FROM records WHERE log = $1 AND record > $2 "
                            "ORDER BY record LIMIT $3",
                            {log->key, behind, static_cast<std::int64_t>(limit)}));
  std::vector<RecordInfo> records;
  records.reserve(rows.size());
  for (const database::Row row : rows)
    records.push_back({.record = row.id<format::RecordId>(0),
                       .object = object_in(row, 1),
                       .bytes = row.integer(2),
                       .added_unix_s = row.integer(3)});
  return records;
}

Result<bool> remove_record(Transaction& transaction, const LogName& name, const format::RecordId& record) {
  const std::optional<LogRow> log = TRY(find_log(transaction, name));
  if (!log) return false;
  const Rows rows = TRY(transaction.query(
      "DELETE FROM records WHERE log = $1 AND record = $2 RETURNING bytes, path", {log->key, record}));
  if (rows.empty()) return false;
  TRY(add_usage(transaction, rows[0].bytes<32>(1), -(rows[0].integer(0) + kRowChargeBytes)));
  return true;
}

}  // namespace inxt::bridge
