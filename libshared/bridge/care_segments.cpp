// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/care_segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "bridge/care_packing.h"

namespace inxt::bridge {
namespace {

using database::Row;
using database::Rows;
using database::Transaction;

// Of a segment's row, with its file's.
enum Column : std::size_t { kKey, kFile, kSegment, kPieceBytes, kK, kM, kMirrors, kPlaces, kEnded };

CareRow row_of(const Row& row) {
  CareRow found;
  found.key = row.integer(kKey);
  found.file = row.integer(kFile);
  found.segment = static_cast<std::uint64_t>(row.integer(kSegment));
  found.piece_bytes = static_cast<std::uint32_t>(row.integer(kPieceBytes));
  found.layout = {.k = static_cast<std::uint32_t>(row.integer(kK)),
                  .m = static_cast<std::uint32_t>(row.integer(kM)),
                  .mirrors = static_cast<std::uint32_t>(row.integer(kMirrors))};
  found.places = unpack_places(row.blob(kPlaces));
  found.is_removed = row.integer(kEnded) != 0;
  return found;
}

/// A segment whose places are to be changed.
struct Changing {
  CareSegmentKey key = 0;
  CareFileKey file = 0;
  std::uint32_t pieces = 0;  // of the segment
  PlacedPieces placed;
};
Result<std::optional<Changing>> find_to_change(Transaction& transaction, CareSegmentKey segment) {
  const Rows rows =
      TRY(transaction.query("SELECT s.file, (f.k + f.m) * f.mirrors, s.places, s.contracts, s.uploaders"
                            " FROM care_segments s JOIN care_files f ON f.key = s.file WHERE s.key = $1 AND "
                            "f.file IS NOT NULL AND s.ended = 0",
                            {segment}));
  if (rows.empty()) return std::nullopt;
  return Changing{.key = segment,
                  .file = rows[0].integer(0),
                  .pieces = static_cast<std::uint32_t>(rows[0].integer(1)),
                  .placed = unpack(rows[0].blob(2), rows[0].blob(3), packed_uploaders(rows[0], 4))};
}
Result<void> keep(Transaction& transaction, const Changing& changed) {
  const std::int64_t change = TRY(next_care_change(transaction));
  TRY(transaction.execute(
      "UPDATE care_segments SET places = $2, contracts = $3, uploaders = $4, lacking = $5, change = $6"
      " WHERE key = $1",
      {changed.key, pack_places(changed.placed.places), pack_contracts(changed.placed.contracts),
       pack_uploaders(changed.placed.uploaders), count_lacking(changed.placed.places, changed.pieces),
       change}));
  return {};
}

std::vector<std::string> split(std::string_view lines) {
  std::vector<std::string> found;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    found.emplace_back(lines.substr(0, end));
    lines.remove_prefix(end == lines.npos ? lines.size() : end + 1);
  }
  return found;
}

}  // namespace

Result<CareChanges> care_changes(Transaction& transaction, CarePosition position, std::size_t limit) {
  const auto rows_max = static_cast<std::int64_t>(std::min(limit, kCareChangesMax));
  // How far a page goes is decided by lengths, so that no answer is longer than a query may give.
  const Rows sizes =
      TRY(transaction.query("SELECT change, key, length(places) FROM care_segments"
                            " WHERE (change, key) > ($1, $2) AND change > 0 ORDER BY change, key LIMIT $3",
                            {position.change, position.key, rows_max}));
  CareChanges page{.rows = {}, .position = position};
  if (sizes.empty()) return page;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    bytes += static_cast<std::size_t>(sizes[i].integer(2));
    if (i > 0 && bytes > kCareChangesBytesMax) break;
    page.position = {.change = sizes[i].integer(0), .key = sizes[i].integer(1)};
  }
  const Rows rows = TRY(transaction.query(
      "SELECT s.key, s.file, s.segment, s.piece_bytes, f.k, f.m, f.mirrors, s.places,"
      " CASE WHEN f.file IS NULL OR s.ended = 1 THEN 1 ELSE 0 END"
      " FROM care_segments s JOIN care_files f ON f.key = s.file"
      " WHERE (s.change, s.key) > ($1, $2) AND (s.change, s.key) <= ($3, $4) AND s.change > 0"
      " ORDER BY s.change, s.key",
      {position.change, position.key, page.position.change, page.position.key}));
  page.rows.reserve(rows.size());
  for (const Row row : rows) page.rows.push_back(row_of(row));
  return page;
}

Result<std::vector<CareHost>> care_hosts(Transaction& transaction, CareHostKey after) {
  const Rows rows =
      TRY(transaction.query("SELECT key, host, address FROM care_hosts WHERE key > $1 ORDER BY key LIMIT $2",
                            {after, static_cast<std::int64_t>(kCareChangesMax)}));
  std::vector<CareHost> hosts;
  hosts.reserve(rows.size());
  for (const Row row : rows)
    hosts.push_back({.key = static_cast<CareHostKey>(row.integer(0)),
                     .host = row.id<HostId>(1),
                     .address = std::string(row.text(2))});
  return hosts;
}

Result<CareHostKey> care_host_key(Transaction& transaction, const HostId& host, const std::string& address) {
  const Rows known = TRY(transaction.query("SELECT key FROM care_hosts WHERE host = $1", {host}));
  if (!known.empty()) return static_cast<CareHostKey>(known[0].integer(0));
  const Rows made = TRY(transaction.query(
      "INSERT INTO care_hosts (host, address) VALUES ($1, $2) ON CONFLICT (host) DO NOTHING RETURNING key",
      {host, address}));
  if (made.empty()) return fail(Code::try_again, "the same Host was named at the same time");
  if (made[0].integer(0) > std::numeric_limits<CareHostKey>::max())
    return fail(Code::failure, "more Hosts than care can number");
  return static_cast<CareHostKey>(made[0].integer(0));
}

Result<std::optional<CareText>> care_text(Transaction& transaction, CareSegmentKey segment) {
  const Rows rows = TRY(transaction.query(
      "SELECT s.key, s.file, s.segment, s.piece_bytes, f.k, f.m, f.mirrors, s.places, 0, s.contracts,"
      " s.lines, f.owner, f.path, f.file, f.caretaker, f.uploader, f.header, f.stanza, f.layout, s.uploaders"
      " FROM care_segments s JOIN care_files f ON f.key = s.file WHERE s.key = $1 AND f.file IS NOT NULL AND "
      "s.ended = 0",
      {segment}));
  if (rows.empty()) return std::nullopt;
  const Row row = rows[0];
  CareText text;
  text.row = row_of(row);
  PlacedPieces placed = unpack(row.blob(kPlaces), row.blob(kEnded + 1), packed_uploaders(row, kEnded + 11));
  text.contracts = std::move(placed.contracts);
  text.uploaders = std::move(placed.uploaders);
  text.piece_lines = split(row.text(kEnded + 2));
  text.owner = row.id<AccountId>(kEnded + 3);
  text.path = row.bytes<32>(kEnded + 4);
  text.file = row.id<FileId>(kEnded + 5);
  text.caretaker = row.id<AccountId>(kEnded + 6);
  text.uploader = static_cast<std::uint32_t>(row.integer(kEnded + 7));
  std::ranges::replace(text.uploaders, kHeadersUploader, text.uploader);
  text.header_line = row.text(kEnded + 8);
  text.stanza_line = row.text(kEnded + 9);
  text.layout_line = row.text(kEnded + 10);
  return text;
}

Result<std::optional<CareAccount>> care_account(Transaction& transaction, const AccountId& caretaker,
                                                const AccountId& owner, std::uint32_t uploader,
                                                const HostId& host) {
  const Rows rows =
      TRY(transaction.query("SELECT account, capability, expires FROM care_accounts"
                            " WHERE owner = $1 AND caretaker = $2 AND uploader = $3 AND host = $4",
                            {owner, caretaker, uploader, host}));
  if (rows.empty()) return std::nullopt;
  return CareAccount{.account = rows[0].id<AccountId>(0),
                     .capability = std::string(rows[0].text(1)),
                     .expires_unix_s = rows[0].integer(2)};
}

Result<bool> add_care_place(Transaction& transaction, CareSegmentKey segment, const NewCarePlace& place,
                            bool is_proved, std::int64_t now_unix_s) {
  auto found = TRY(find_to_change(transaction, segment));
  if (!found) return false;
  if (place.place >= found->pieces) return fail(Code::failure, "a repair's place is not in the layout");
  const CareHostKey host = TRY(care_host_key(transaction, place.host, place.address));
  // Under a later contract it was stored there once more: a new place, with a number of its own.
  TRY(transaction.execute(
      "DELETE FROM care_places WHERE segment = $1 AND place = $2 AND host = $3 AND contract <> $4",
      {segment, place.place, place.host, place.contract}));
  const Rows made = TRY(transaction.query(
      "INSERT INTO care_places"
      " (segment, place, host, account, contract, receipt, until, added, control_seed, address, file, "
      "uploader)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
      " (SELECT k.uploader FROM care_files f JOIN care_keys k ON k.owner = f.owner AND k.caretaker = "
      "f.caretaker"
      " WHERE f.key = $11))"
      " ON CONFLICT (segment, place, host) DO NOTHING RETURNING key",
      {segment, place.place, place.host, place.account, place.contract, place.receipt, place.until_unix_s,
       now_unix_s, place.sealed_control_seed, place.address, found->file}));
  if (!made.empty())
    TRY(transaction.execute("UPDATE care_files SET repaired = repaired + 1 WHERE key = $1", {found->file}));
  found->placed.remove(place.place, host);
  found->placed.add(
      {.host = host, .place = place.place, .is_lost = false, .is_proved = is_proved, .is_ours = true},
      place.contract);
  TRY(keep(transaction, *found));
  return true;
}

Result<std::optional<CareContract>> care_contract(Transaction& transaction, CareSegmentKey segment,
                                                  std::uint16_t place, const HostId& host) {
  const Rows rows =
      TRY(transaction.query("SELECT key, account, contract, control_seed, until FROM care_places"
                            " WHERE segment = $1 AND place = $2 AND host = $3",
                            {segment, place, host}));
  if (rows.empty()) return std::nullopt;
  return CareContract{.number = static_cast<std::uint64_t>(rows[0].integer(0)),
                      .account = rows[0].id<AccountId>(1),
                      .contract = rows[0].bytes<32>(2),
                      .sealed_control_seed = copy_of(rows[0].blob(3)),
                      .until_unix_s = rows[0].integer(4)};
}

Result<bool> mark_care_place(Transaction& transaction, CareSegmentKey segment, std::uint16_t place,
                             CareHostKey host, CareMark mark) {
  auto found = TRY(find_to_change(transaction, segment));
  PlaceOfCare* marked = found ? found->placed.find(place, host) : nullptr;
  if (marked == nullptr) return false;
  const PlaceOfCare before = *marked;
  marked->is_lost = mark == CareMark::lost;
  if (mark == CareMark::proved) marked->is_proved = true;
  if (*marked != before) TRY(keep(transaction, *found));
  return true;
}

Result<bool> remove_care_place(Transaction& transaction, CareSegmentKey segment, std::uint16_t place,
                               CareHostKey host) {
  auto found = TRY(find_to_change(transaction, segment));
  if (!found || !found->placed.remove(place, host)) return false;
  TRY(
      transaction.execute("DELETE FROM care_places WHERE segment = $1 AND place = $2"
                          " AND host = (SELECT host FROM care_hosts WHERE key = $3)",
                          {segment, place, host}));
  TRY(keep(transaction, *found));
  return true;
}

Result<void> note_care_audit(Transaction& transaction, std::span<const CareFileKey> files,
                             std::int64_t now_unix_s) {
  for (const CareFileKey file : files)
    TRY(transaction.execute("UPDATE care_files SET audited = $2 WHERE key = $1", {file, now_unix_s}));
  return {};
}

Result<std::vector<CareDoubt>> take_care_doubts(Transaction& transaction, std::size_t limit) {
  const Rows rows =
      TRY(transaction.query("SELECT key, segment, place, host FROM care_doubts ORDER BY key LIMIT $1",
                            {static_cast<std::int64_t>(limit)}));
  std::vector<CareDoubt> doubts;
  for (const Row row : rows) {
    TRY(transaction.execute("DELETE FROM care_doubts WHERE key = $1", {row.integer(0)}));
    doubts.push_back({.segment = row.integer(1),
                      .place = static_cast<std::uint16_t>(row.integer(2)),
                      .host = static_cast<CareHostKey>(row.integer(3))});
  }
  return doubts;
}

}  // namespace inxt::bridge
