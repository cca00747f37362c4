// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/care_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "bridge/care_limits.h"
#include "bridge/care_packing.h"
#include "bridge/log_limits.h"
#include "bridge/usage.h"

namespace inxt::bridge {
namespace {

using database::Row;
using database::Rows;
using database::Transaction;

Result<std::optional<std::int64_t>> find_file(Transaction& transaction, const AccountId& owner,
                                              const FileId& file) {
  const Rows rows =
      TRY(transaction.query("SELECT key FROM care_files WHERE owner = $1 AND file = $2", {owner, file}));
  if (rows.empty()) return std::nullopt;
  return rows[0].integer(0);
}

/// Of all rows of a file, to whoever they were charged to.
Result<void> give_back(Transaction& transaction, std::int64_t file) {
  const Rows rows = TRY(transaction.query(
      "SELECT path, CAST(SUM(charged_bytes) AS {int64}) FROM ("
      " SELECT path, charged_bytes FROM care_segments WHERE file = $1"
      " UNION ALL SELECT path, charged_bytes FROM care_files WHERE key = $1) AS charged GROUP BY path",
      {file}));
  for (const Row row : rows) TRY(add_usage(transaction, row.bytes<32>(0), -row.integer(1)));
  return {};
}

/// A file's, in the order of an index, so that a page costs what it has, not what the file has; or a
/// segment's.
Result<Rows> places_of(Transaction& transaction, std::int64_t file, std::int64_t after,
                       const std::optional<std::uint64_t>& segment, std::size_t limit) {
  const auto most = static_cast<std::int64_t>(limit);
  if (segment)
    return transaction.query(
        "SELECT p.key, s.segment, p.place, p.host, p.address, p.contract, p.receipt, p.uploader"
        " FROM care_segments s JOIN care_places p ON p.segment = s.key"
        " WHERE s.file = $1 AND s.segment = $2 AND p.key > $3 ORDER BY p.key LIMIT $4",
        {file, static_cast<std::int64_t>(*segment), after, most});
  return transaction.query(
      "SELECT p.key, s.segment, p.place, p.host, p.address, p.contract, p.receipt, p.uploader"
      " FROM care_places p JOIN care_segments s ON s.key = p.segment"
      " WHERE p.file = $1 AND p.key > $2 ORDER BY p.key LIMIT $3",
      {file, after, most});
}

}  // namespace

Result<void> put_care_key(Transaction& transaction, const AccountId& owner, const AccountId& caretaker,
                          std::uint32_t uploader, ByteView sealed, std::int64_t now_unix_s) {
  const Rows count = TRY(transaction.query(
      "SELECT COUNT(*) FROM care_keys WHERE owner = $1 AND caretaker <> $2", {owner, caretaker}));
  if (count[0].integer(0) >= kCareKeysPerOwnerMax)
    return fail(Code::quota, fmt::format("there are {} caretakers of this owner already "
                                         "(care_keys_per_owner_max)",
                                         kCareKeysPerOwnerMax));
  // The same key again, sealed anew: the id is made from it.
  TRY(transaction.execute(
      "INSERT INTO care_keys (owner, caretaker, uploader, sealed, added) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (owner, caretaker) DO UPDATE SET sealed = excluded.sealed",
      {owner, caretaker, uploader, sealed, now_unix_s}));
  return {};
}

Result<bool> remove_care_key(Transaction& transaction, const AccountId& owner, const AccountId& caretaker) {
  const Rows used = TRY(transaction.query(
      "SELECT 1 FROM care_files WHERE owner = $1 AND caretaker = $2 AND file IS NOT NULL LIMIT 1",
      {owner, caretaker}));
  if (!used.empty())
    return fail(Code::denied, "files are in this caretaker's care", "end their care first: inxt-care remove");
  const Rows charged =
      TRY(transaction.query("SELECT path, CAST(SUM(charged_bytes) AS {int64}) FROM care_accounts "
                            "WHERE owner = $1 AND caretaker = $2 GROUP BY path",
                            {owner, caretaker}));
  for (const Row row : charged) TRY(add_usage(transaction, row.bytes<32>(0), -row.integer(1)));
  return TRY(transaction.execute("DELETE FROM care_keys WHERE owner = $1 AND caretaker = $2",
                                 {owner, caretaker})) == 1;
}

Result<std::vector<format::CareInfo>> list_care(Transaction& transaction, const AccountId& owner,
                                                const std::optional<FileId>& after, std::size_t limit) {
  const ByteView behind = after ? after->view() : ByteView{};  // no blob is less than the empty one
  const Rows rows = TRY(transaction.query(
      "SELECT file, caretaker, segments, there, repaired, added, audited, (k + m) * mirrors,"
      " (SELECT COUNT(*) FROM care_segments s WHERE s.file = care_files.key AND s.lacking > 0)"
      " FROM care_files WHERE owner = $1 AND file > $2 ORDER BY file LIMIT $3",
      {owner, behind, static_cast<std::int64_t>(limit)}));
  std::vector<format::CareInfo> list;
  list.reserve(rows.size());
  for (const Row row : rows) {
    format::CareInfo& info = list.emplace_back();
    info.file = row.id<FileId>(0);
    info.caretaker = row.id<AccountId>(1);
    info.is_complete = row.integer(2) == row.integer(3);
    info.segments = static_cast<std::uint64_t>(row.integer(3));
    info.pieces = info.segments * static_cast<std::uint64_t>(row.integer(7));
    info.repaired = static_cast<std::uint64_t>(row.integer(4));
    info.added_unix_s = row.integer(5);
    info.audited_unix_s = row.optional_integer(6);
    info.short_segments = static_cast<std::uint64_t>(row.integer(8));
  }
  return list;
}

Result<std::optional<std::vector<format::CarePlace>>> list_care_places(
    Transaction& transaction, const AccountId& owner, const FileId& file, std::int64_t after,
    const std::optional<std::uint64_t>& segment, std::size_t limit) {
  // With those of the same id that ended: of these only what has something to tell.
  const Rows known = TRY(transaction.query(
      "SELECT key, mirrors,"
      " CASE WHEN EXISTS (SELECT 1 FROM care_places p WHERE p.file = care_files.key AND p.key > $3)"
      " THEN 1 ELSE 0 END"
      " FROM care_files WHERE owner = $1 AND (file = $2 OR was = $2)",
      {owner, file, after}));
  if (known.empty()) return std::nullopt;
  std::vector<format::CarePlace> places;
  for (const Row of_file : known) {
    if (of_file.integer(2) == 0) continue;
    const auto mirrors = static_cast<std::uint32_t>(of_file.integer(1));
    const Rows rows = TRY(places_of(transaction, of_file.integer(0), after, segment, limit));
    for (const Row row : rows) {
      format::CarePlace& place = places.emplace_back();
      const auto number = static_cast<std::uint32_t>(row.integer(2));
      place.number = static_cast<std::uint64_t>(row.integer(0));
      place.place.place = {.segment = static_cast<std::uint64_t>(row.integer(1)),
                           .shard = number / mirrors,
                           .mirror = number % mirrors};
      place.place.host = row.id<HostId>(3);
      place.place.address = row.text(4);
      place.place.contract = row.bytes<32>(5);
      place.place.receipt = row.bytes<32>(6);
      place.uploader = static_cast<std::uint32_t>(row.integer(7));
    }
    std::ranges::sort(places, {}, &format::CarePlace::number);
    if (places.size() > limit) places.resize(limit);
  }
  return places;
}

Result<CareEnd> end_care(Transaction& transaction, const AccountId& owner, const FileId& file,
                         std::int64_t seen, std::int64_t now_unix_s) {
  const auto key = TRY(find_file(transaction, owner, file));
  if (!key) return CareEnd::not_in_care;
  const Rows more =
      TRY(transaction.query("SELECT 1 FROM care_places WHERE file = $1 AND key > $2 LIMIT 1", {*key, seen}));
  if (!more.empty()) return CareEnd::more_places;
  TRY(give_back(transaction, *key));
  // Those who follow the changes see that it has ended; what they never saw goes at once.
  TRY(transaction.execute("DELETE FROM care_segments WHERE file = $1 AND change = 0", {*key}));
  const std::int64_t change = TRY(next_care_change(transaction));
  TRY(transaction.execute(
      "DELETE FROM care_doubts WHERE segment IN (SELECT key FROM care_segments WHERE file = $1)", {*key}));
  TRY(
      transaction.execute("UPDATE care_segments SET change = $2, lacking = 0, charged_bytes = 0, places = "
                          "$3, contracts = $3, uploaders = NULL, lines = ''"
                          " WHERE file = $1",
                          {*key, change, ByteView{}}));
  // What stays until it is swept is charged to nobody any more, so it is short.
  TRY(
      transaction.execute("UPDATE care_files SET was = file, file = NULL, ended = $2, charged_bytes = 0, "
                          "header = '', stanza = '',"
                          " layout = '' WHERE key = $1",
                          {*key, now_unix_s}));
  return CareEnd::ended;
}

Result<CareEnd> end_care_segments(Transaction& transaction, const AccountId& owner, const FileId& file,
                                  std::uint64_t first, std::uint64_t last, std::int64_t seen) {
  const auto key = TRY(find_file(transaction, owner, file));
  if (!key) return CareEnd::not_in_care;
  const auto from = static_cast<std::int64_t>(first), to = static_cast<std::int64_t>(last);
  const Rows more = TRY(
      transaction.query("SELECT 1 FROM care_places p JOIN care_segments s ON s.key = p.segment"
                        " WHERE p.file = $1 AND p.key > $2 AND s.segment >= $3 AND s.segment <= $4 LIMIT 1",
                        {*key, seen, from, to}));
  if (!more.empty()) return CareEnd::more_places;
  const Rows charged = TRY(
      transaction.query("SELECT path, CAST(SUM(charged_bytes) AS {int64}) FROM care_segments"
                        " WHERE file = $1 AND segment >= $2 AND segment <= $3 AND ended = 0 GROUP BY path",
                        {*key, from, to}));
  for (const Row row : charged) TRY(add_usage(transaction, row.bytes<32>(0), -row.integer(1)));
  TRY(transaction.execute(
      "DELETE FROM care_doubts WHERE segment IN"
      " (SELECT key FROM care_segments WHERE file = $1 AND segment >= $2 AND segment <= $3)",
      {*key, from, to}));
  const std::int64_t change = TRY(next_care_change(transaction));
  // 0 stays 0: the file is not all there, and nobody has seen it.
  TRY(transaction.execute(
      "UPDATE care_segments SET change = CASE WHEN change = 0 THEN 0 ELSE $4 END, lacking = 0, ended = 1,"
      " charged_bytes = 0, places = $5, contracts = $5, uploaders = NULL, lines = ''"
      " WHERE file = $1 AND segment >= $2 AND segment <= $3 AND ended = 0",
      {*key, from, to, change, ByteView{}}));
  return CareEnd::ended;
}

Result<bool> add_care_doubt(Transaction& transaction, const AccountId& owner,
                            const format::CareReport& report) {
  const auto file = TRY(find_file(transaction, owner, report.file));
  if (!file) return false;
  const Rows rows =
      TRY(transaction.query("SELECT s.key, s.places, s.contracts, f.mirrors, h.key, s.uploaders"
                            " FROM care_segments s"
                            " JOIN care_files f ON f.key = s.file JOIN care_hosts h ON h.host = $3"
                            " WHERE s.file = $1 AND s.segment = $2",
                            {*file, static_cast<std::int64_t>(report.place.segment), report.host}));
  if (rows.empty()) return false;
  PlacedPieces pieces = unpack(rows[0].blob(1), rows[0].blob(2), packed_uploaders(rows[0], 5));
  const std::int64_t place =
      std::int64_t{report.place.shard} * rows[0].integer(3) + std::int64_t{report.place.mirror};
  const auto host = static_cast<CareHostKey>(rows[0].integer(4));
  if (pieces.find(static_cast<std::uint16_t>(place), host) == nullptr) return false;
  const Rows waiting = TRY(transaction.query("SELECT COUNT(*) FROM care_doubts WHERE owner = $1", {owner}));
  if (waiting[0].integer(0) >= kCareDoubtsPerOwnerMax) return false;
  TRY(
      transaction.execute("INSERT INTO care_doubts (owner, segment, place, host) VALUES ($1, $2, $3, $4) "
                          "ON CONFLICT (segment, place, host) DO NOTHING",
                          {owner, rows[0].integer(0), place, rows[0].integer(4)}));
  return true;
}

Result<std::int64_t> sweep_care(Transaction& transaction, std::int64_t now_unix_s) {
  const Rows ended =
      TRY(transaction.query("SELECT key FROM care_files WHERE ended <= $1 ORDER BY ended LIMIT $2",
                            {now_unix_s - kCareRemovedKeptS, kCareSweptAtOnceMax}));
  const Rows parts =
      TRY(transaction.query("SELECT key FROM care_files WHERE there < segments AND file IS NOT NULL AND "
                            "added <= $1 ORDER BY added LIMIT $2",
                            {now_unix_s - kCarePartKeptS, kCareSweptAtOnceMax}));
  for (const Row row : parts) TRY(give_back(transaction, row.integer(0)));
  // Its segments and places go with it: ON DELETE CASCADE.
  for (const Rows* rows : {&ended, &parts})
    for (const Row row : *rows)
      TRY(transaction.execute("DELETE FROM care_files WHERE key = $1", {row.integer(0)}));
  return static_cast<std::int64_t>(ended.size() + parts.size());
}

}  // namespace inxt::bridge
