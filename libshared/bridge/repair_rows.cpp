// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/repair_rows.h"

#include <algorithm>

namespace inxt::bridge {

using database::Row;
using database::Rows;
using database::Transaction;

Result<std::optional<std::int64_t>> take_healer_lease(Transaction& transaction, const HealerId& healer,
                                                      std::int64_t now_unix_s, std::int64_t lease_s,
                                                      std::int64_t gap_s) {
  const std::int64_t until = now_unix_s + lease_s;
  const Rows rows = TRY(transaction.query("SELECT holder, since, until FROM healers WHERE number = 1"));
  if (rows.empty()) {
    TRY(transaction.execute("INSERT INTO healers (number, holder, since, until) VALUES (1, $1, $2, $3)",
                            {healer, now_unix_s, until}));
    return now_unix_s;
  }
  const bool is_ours = rows[0].bytes<16>(0) == healer;
  const std::int64_t former_until = rows[0].integer(2);
  if (!is_ours && former_until > now_unix_s) return std::nullopt;
  const std::int64_t since = now_unix_s - former_until > gap_s ? now_unix_s : rows[0].integer(1);
  TRY(transaction.execute("UPDATE healers SET holder = $1, since = $2, until = $3 WHERE number = 1",
                          {healer, since, until}));
  return since;
}

Result<void> give_up_healer_lease(Transaction& transaction, const HealerId& healer, std::int64_t now_unix_s) {
  TRY(transaction.execute("UPDATE healers SET until = $2 WHERE number = 1 AND holder = $1 AND until > $2",
                          {healer, now_unix_s}));
  return {};
}

namespace {

Result<std::vector<RepairedPiece>> pieces_of(Transaction& transaction, std::int64_t repair) {
  const Rows rows = TRY(transaction.query(
      "SELECT place, former, host, state FROM repair_pieces WHERE repair = $1 ORDER BY place", {repair}));
  std::vector<RepairedPiece> out;
  for (const Row row : rows)
    out.push_back({.place = static_cast<std::uint16_t>(row.integer(0)),
                   .former = row.id<HostId>(1),
                   .host = row.id<HostId>(2),
                   .state = std::string(row.text(3))});
  return out;
}

Result<std::optional<std::int64_t>> open_repair(Transaction& transaction, CareSegmentKey segment) {
  const Rows rows = TRY(transaction.query(
      "SELECT key FROM repairs WHERE segment_key = $1 AND state = 'planned' ORDER BY key DESC LIMIT 1",
      {segment}));
  if (rows.empty()) return std::nullopt;
  return rows[0].integer(0);
}

}  // namespace

Result<std::vector<RepairedPiece>> planned_pieces(Transaction& transaction, CareSegmentKey segment) {
  const auto open = TRY(open_repair(transaction, segment));
  if (!open) return std::vector<RepairedPiece>{};
  return pieces_of(transaction, *open);
}

Result<std::optional<std::int64_t>> begin_repair(Transaction& transaction, const HealerId& healer,
                                                 const NewRepair& repair, std::int64_t now_unix_s,
                                                 std::int64_t lease_s) {
  const auto taken = TRY(transaction.execute(
      "INSERT INTO repair_leases (segment_key, holder, until) VALUES ($1, $2, $3) "
      "ON CONFLICT (segment_key) DO UPDATE SET holder = excluded.holder, until = excluded.until "
      "WHERE repair_leases.until <= $4 OR repair_leases.holder = excluded.holder",
      {repair.segment_key, healer, now_unix_s + lease_s, now_unix_s}));
  if (taken == 0) return std::nullopt;
  auto key = TRY(open_repair(transaction, repair.segment_key));
  if (key) {
    TRY(transaction.execute("UPDATE repairs SET attempts = attempts + 1, changed = $2 WHERE key = $1",
                            {*key, now_unix_s}));
    TRY(transaction.execute("DELETE FROM repair_pieces WHERE repair = $1", {*key}));
  } else {
    const Rows made = TRY(transaction.query(
        "INSERT INTO repairs (segment_key, file, segment, state, planned, changed, attempts, moved_bytes, "
        "note) VALUES ($1, $2, $3, 'planned', $4, $4, 1, 0, '') RETURNING key",
        {repair.segment_key, repair.file, static_cast<std::int64_t>(repair.segment), now_unix_s}));
    key = made[0].integer(0);
  }
  for (const RepairedPiece& piece : repair.pieces)
    TRY(transaction.execute(
        "INSERT INTO repair_pieces (repair, place, former, host, state) VALUES ($1, $2, $3, $4, 'planned')",
        {*key, piece.place, piece.former, piece.host}));
  return key;
}

Result<void> note_unplaced(Transaction& transaction, const NewRepair& repair, std::string_view note,
                           std::int64_t now_unix_s) {
  const std::string kept(note.substr(0, kRepairNoteBytesMax));
  if (const auto key = TRY(open_repair(transaction, repair.segment_key))) {
    TRY(transaction.execute("UPDATE repairs SET changed = $2, note = $3 WHERE key = $1",
                            {*key, now_unix_s, kept}));
    return {};
  }
  TRY(transaction.execute(
      "INSERT INTO repairs (segment_key, file, segment, state, planned, changed, attempts, moved_bytes, note)"
      " VALUES ($1, $2, $3, 'planned', $4, $4, 0, 0, $5)",
      {repair.segment_key, repair.file, static_cast<std::int64_t>(repair.segment), now_unix_s, kept}));
  return {};
}

Result<void> extend_repairs(Transaction& transaction, const HealerId& healer, std::int64_t now_unix_s,
                            std::int64_t until_unix_s) {
  TRY(transaction.execute("UPDATE repair_leases SET until = $3 WHERE holder = $1 AND until > $2",
                          {healer, now_unix_s, until_unix_s}));
  return {};
}

Result<bool> keep_repair(Transaction& transaction, const HealerId& healer, CareSegmentKey segment,
                         std::int64_t now_unix_s, std::int64_t until_unix_s) {
  const auto kept = TRY(transaction.execute(
      "UPDATE repair_leases SET until = $4 WHERE segment_key = $1 AND holder = $2 AND until > $3",
      {segment, healer, now_unix_s, until_unix_s}));
  return kept > 0;
}

Result<void> end_repair(Transaction& transaction, const RepairEnd& end, std::int64_t now_unix_s) {
  for (const std::uint16_t place : end.proved)
    TRY(transaction.execute("UPDATE repair_pieces SET state = 'proved' WHERE repair = $1 AND place = $2",
                            {end.key, place}));
  TRY(transaction.execute(
      "UPDATE repairs SET state = $2, changed = $3, moved_bytes = moved_bytes + $4, note = $5 WHERE key = $1",
      {end.key,
       end.is_whole         ? "proved"
       : end.proved.empty() ? "planned"
                            : "partly",
       now_unix_s, static_cast<std::int64_t>(end.moved_bytes), end.note.substr(0, kRepairNoteBytesMax)}));
  TRY(transaction.execute("DELETE FROM repair_leases WHERE segment_key = $1", {end.segment_key}));
  return {};
}

Result<std::vector<RepairRecord>> list_repairs(Transaction& transaction, std::int64_t after,
                                               std::int64_t limit) {
  const Rows rows = TRY(transaction.query(
      "SELECT key, file, segment, state, planned, changed, attempts, moved_bytes, note FROM repairs "
      "WHERE key > $1 ORDER BY key LIMIT $2",
      {after, limit}));
  std::vector<RepairRecord> out;
  for (const Row row : rows) {
    RepairRecord record{.key = row.integer(0),
                        .file = row.id<FileId>(1),
                        .segment = static_cast<std::uint64_t>(row.integer(2)),
                        .state = std::string(row.text(3)),
                        .planned_unix_s = row.integer(4),
                        .changed_unix_s = row.integer(5),
                        .attempts = row.integer(6),
                        .moved_bytes = row.integer(7),
                        .note = std::string(row.text(8)),
                        .pieces = TRY(pieces_of(transaction, row.integer(0)))};
    out.push_back(std::move(record));
  }
  return out;
}

Result<std::int64_t> forget_repairs(Transaction& transaction, std::int64_t now_unix_s) {
  return transaction.execute(
      "DELETE FROM repairs WHERE key IN (SELECT key FROM repairs WHERE changed < $1 ORDER BY changed LIMIT "
      "$2)",
      {now_unix_s - kRepairDays * 86400, kRepairsForgottenAtOnce});
}

Result<std::unordered_map<HostId, std::int64_t>> next_care_audits(Transaction& transaction) {
  std::unordered_map<HostId, std::int64_t> out;
  for (const Row row : TRY(transaction.query("SELECT host, next FROM care_audits")))
    out.emplace(row.id<HostId>(0), row.integer(1));
  return out;
}

Result<void> save_care_audit(Transaction& transaction, const HostId& host, bool has_passed,
                             std::int64_t now_unix_s, std::int64_t next_unix_s) {
  TRY(transaction.execute(
      "INSERT INTO care_audits (host, next, audited, passed, failed) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (host) DO UPDATE SET next = excluded.next, audited = excluded.audited, "
      "passed = care_audits.passed + excluded.passed, failed = care_audits.failed + excluded.failed",
      {host, next_unix_s, now_unix_s, has_passed ? 1 : 0, has_passed ? 0 : 1}));
  return {};
}

}  // namespace inxt::bridge
