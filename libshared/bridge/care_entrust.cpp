// SPDX-License-Identifier: LGPL-3.0-or-later
// How what an owner entrusts comes into its rows.
#include <fmt/format.h>

#include <map>

#include "bridge/care_limits.h"
#include "bridge/care_packing.h"
#include "bridge/care_rows.h"
#include "bridge/log_limits.h"
#include "bridge/usage.h"
#include "format/lease.h"
#include "keys/bech32.h"

namespace inxt::bridge {
namespace {

using database::Rows;
using database::Transaction;
using format::CareFile;
using format::CareReading;
using format::CareSegment;

/// One request's work.
class Entrusting {
 public:
  Entrusting(Transaction& transaction, const Authority& authority, const format::CareRequest& request,
             std::int64_t now_unix_s)
      : transaction_(transaction), authority_(authority), request_(request), now_s_(now_unix_s) {}

  Result<format::CareTaken> work(const CareReadingEnds& ends);

 private:
  struct File {
    std::int64_t key = 0;
    std::int64_t there = 0;
    bool is_new = false;
  };
  Result<void> check_key();
  Result<void> take(const CareReading& reading, std::int64_t expires_unix_s);
  Result<File> find_or_make(const CareFile& file);
  Result<void> take(const CareFile& file);
  Result<bool> merge(const CareFile& file, const File& row, const CareSegment& segment);
  Result<void> insert(const CareFile& file, const File& row, const CareSegment& segment, std::int64_t change);
  Result<bool> add_places(PlacedPieces& pieces, const CareFile& file, const CareSegment& segment);
  Result<CareHostKey> host_key(const format::PlaceLine& place);
  /// One number for all that the request changes.
  Result<std::int64_t> change();

  Transaction& transaction_;
  const Authority& authority_;
  const format::CareRequest& request_;
  std::int64_t now_s_;
  std::int64_t charged_bytes_ = 0;
  std::int64_t change_ = 0;
  std::map<HostId, CareHostKey> hosts_;
  format::CareTaken taken_;
};

Result<format::CareTaken> Entrusting::work(const CareReadingEnds& ends) {
  TRY(check_key());
  for (std::size_t i = 0; i < request_.readings.size(); ++i) TRY(take(request_.readings[i], ends[i]));
  for (const CareFile& file : request_.files) TRY(take(file));
  taken_.files = request_.files.size();
  if (charged_bytes_ > 0) TRY(take_quota(transaction_, authority_, charged_bytes_));
  return taken_;
}

Result<void> Entrusting::check_key() {
  const Rows rows = TRY(transaction_.query("SELECT 1 FROM care_keys WHERE owner = $1 AND caretaker = $2",
                                           {authority_.owner(), request_.caretaker}));
  if (rows.empty())
    return fail(Code::not_found, "the Bridge has no key of this caretaker",
                "give it first: PUT /v1/care/keys");
  return {};
}

Result<void> Entrusting::take(const CareReading& reading, std::int64_t expires_unix_s) {
  const Rows known =
      TRY(transaction_.query("SELECT expires, account FROM care_accounts"
                             " WHERE owner = $1 AND caretaker = $2 AND uploader = $3 AND host = $4",
                             {authority_.owner(), request_.caretaker, reading.uploader, reading.host}));
  if (!known.empty()) {
    // Another account: one of the two was false, and what was told first must not stand for ever.
    if (known[0].integer(0) >= expires_unix_s && known[0].id<AccountId>(1) == reading.account) return {};
    TRY(
        transaction_.execute("UPDATE care_accounts SET account = $5, expires = $6, capability = $7"
                             " WHERE owner = $1 AND caretaker = $2 AND uploader = $3 AND host = $4",
                             {authority_.owner(), request_.caretaker, reading.uploader, reading.host,
                              reading.account, expires_unix_s, reading.capability}));
    return {};
  }
  const auto charged = static_cast<std::int64_t>(format::kLeasingTokenBytesMax) + kRowChargeBytes;
  TRY(transaction_.execute(
      "INSERT INTO care_accounts"
      " (owner, caretaker, uploader, host, account, expires, charged_bytes, path, capability)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      {authority_.owner(), request_.caretaker, reading.uploader, reading.host, reading.account,
       expires_unix_s, charged, authority_.path(), reading.capability}));
  charged_bytes_ += charged;
  return {};
}

Result<Entrusting::File> Entrusting::find_or_make(const CareFile& file) {
  const Rows known = TRY(transaction_.query(
      "SELECT key, there, header, layout, segments FROM care_files WHERE owner = $1 AND file = $2",
      {authority_.owner(), file.header.file}));
  if (!known.empty()) {
    if (known[0].text(2) != file.header_line || known[0].text(3) != file.layout_line ||
        known[0].integer(4) != static_cast<std::int64_t>(file.seal.segments))
      return fail(Code::denied, fmt::format("another manifest of file {} is in care", file.header.file.hex()),
                  "end its care first");
    return File{.key = known[0].integer(0), .there = known[0].integer(1), .is_new = false};
  }
  // Repairs seal tags to it.
  if (!keys::recipient_from_text(file.recipient))
    return fail(Code::denied, fmt::format("the stanza of file {} is for nobody", file.header.file.hex()),
                "entrust a manifest that has its owner's stanza");
  const auto charged =
      static_cast<std::int64_t>(file.header_line.size() + file.stanza_line.size() + file.layout_line.size()) +
      kRowChargeBytes;
  const Rows made = TRY(transaction_.query(
      "INSERT INTO care_files (owner, file, caretaker, uploader, k, m, mirrors, segments, there, repaired,"
      " added, charged_bytes, path, header, stanza, layout)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, $10, $11, $12, $13, $14) RETURNING key",
      {authority_.owner(), file.header.file, request_.caretaker, file.header.uploader, file.layout.k,
       file.layout.m, file.layout.mirrors, static_cast<std::int64_t>(file.seal.segments), now_s_, charged,
       authority_.path(), file.header_line, file.stanza_line, file.layout_line}));
  charged_bytes_ += charged;
  return File{.key = made[0].integer(0), .there = 0, .is_new = true};
}

Result<void> Entrusting::take(const CareFile& file) {
  const File row = TRY(find_or_make(file));
  const auto all = static_cast<std::int64_t>(file.seal.segments);
  std::vector<const CareSegment*> fresh;
  for (const CareSegment& segment : file.segments)
    if (row.is_new || !TRY(merge(file, row, segment))) fresh.push_back(&segment);
  const std::int64_t there = row.there + static_cast<std::int64_t>(fresh.size());
  const bool is_complete = there == all;
  if (is_complete) ++taken_.complete;
  if (fresh.empty()) return {};
  const std::int64_t number = is_complete ? TRY(change()) : 0;
  for (const CareSegment* segment : fresh) TRY(insert(file, row, *segment, number));
  if (is_complete && row.there > 0)
    TRY(transaction_.execute("UPDATE care_segments SET change = $2 WHERE file = $1 AND change = 0",
                             {row.key, number}));
  TRY(transaction_.execute("UPDATE care_files SET there = $2 WHERE key = $1", {row.key, there}));
  taken_.segments += fresh.size();
  return {};
}

/// False where the segment is not there yet.
Result<bool> Entrusting::merge(const CareFile& file, const File& row, const CareSegment& segment) {
  const Rows known =
      TRY(transaction_.query("SELECT key, places, contracts, change, uploaders, ended FROM care_segments"
                             " WHERE file = $1 AND segment = $2",
                             {row.key, static_cast<std::int64_t>(segment.number)}));
  if (known.empty()) return false;
  if (known[0].integer(5) != 0) return true;  // its pieces were deleted
  PlacedPieces pieces = unpack(known[0].blob(1), known[0].blob(2), packed_uploaders(known[0], 4));
  if (!TRY(add_places(pieces, file, segment))) return true;
  const std::int64_t number = known[0].integer(3) == 0 ? 0 : TRY(change());
  TRY(transaction_.execute(
      "UPDATE care_segments SET places = $2, contracts = $3, uploaders = $4, lacking = $5, change = $6"
      " WHERE key = $1",
      {known[0].integer(0), pack_places(pieces.places), pack_contracts(pieces.contracts),
       pack_uploaders(pieces.uploaders), count_lacking(pieces.places, file.layout.pieces_per_segment()),
       number}));
  return true;
}

Result<void> Entrusting::insert(const CareFile& file, const File& row, const CareSegment& segment,
                                std::int64_t change) {
  PlacedPieces pieces;
  TRY(add_places(pieces, file, segment));
  const auto charged = static_cast<std::int64_t>(segment.lines.size()) + kRowChargeBytes +
                       kCarePlaceChargeBytes * static_cast<std::int64_t>(segment.pieces.size());
  TRY(
      transaction_.execute("INSERT INTO care_segments"
                           " (file, segment, change, piece_bytes, lacking, charged_bytes, path, places, "
                           "contracts, uploaders, lines)"
                           " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                           {row.key, static_cast<std::int64_t>(segment.number), change, segment.piece_bytes,
                            count_lacking(pieces.places, file.layout.pieces_per_segment()), charged,
                            authority_.path(), pack_places(pieces.places), pack_contracts(pieces.contracts),
                            pack_uploaders(pieces.uploaders), segment.lines}));
  charged_bytes_ += charged;
  return {};
}

/// Those that are not known; whether there was one.
Result<bool> Entrusting::add_places(PlacedPieces& pieces, const CareFile& file, const CareSegment& segment) {
  bool is_changed = false;
  for (const format::PlaceLine& line : segment.places) {
    const auto place = static_cast<std::uint16_t>(line.place.shard * file.layout.mirrors + line.place.mirror);
    const CareHostKey host = TRY(host_key(line));
    const bool is_headers = !line.uploader || *line.uploader == file.header.uploader;
    const std::uint32_t uploader = is_headers ? kHeadersUploader : *line.uploader;
    if (const PlaceOfCare* known = pieces.find(place, host)) {
      const auto index = static_cast<std::size_t>(known - pieces.places.data());
      // Whose it is decides how it is read.  One who repaired is told later than what the header says, so
      // that comes in its place, and is not taken back by a manifest from before.
      if (!known->is_lost && !known->is_ours && pieces.uploaders[index] == kHeadersUploader && !is_headers) {
        pieces.uploaders[index] = uploader;
        pieces.contracts[index] = line.contract;
        is_changed = true;
      }
      // Where it was lost it may have been put again: under another contract, it is looked for once more.
      if (!known->is_lost || pieces.contracts[index] == line.contract) continue;
      pieces.remove(place, host);
    }
    const PlaceOfCare told{
        .host = host, .place = place, .is_lost = false, .is_proved = false, .is_ours = false};
    if (!pieces.add(told, line.contract, uploader)) continue;
    ++taken_.places;
    is_changed = true;
  }
  return is_changed;
}

Result<CareHostKey> Entrusting::host_key(const format::PlaceLine& place) {
  const auto known = hosts_.find(place.host);
  if (known != hosts_.end()) return known->second;
  const Rows known_here = TRY(transaction_.query(
      "SELECT 1 FROM care_hosts WHERE host = $1 UNION ALL SELECT 1 FROM hosts WHERE host = $1",
      {place.host}));
  // Its row stays when the file's care has ended, so these bytes do not come back: otherwise files of made-up
  // Hosts, entrusted and ended again and again, would fill the database for nothing.
  if (known_here.empty()) charged_bytes_ += kRowChargeBytes;
  const CareHostKey key = TRY(care_host_key(transaction_, place.host, place.address));
  hosts_.emplace(place.host, key);
  return key;
}

Result<std::int64_t> Entrusting::change() {
  if (change_ == 0) change_ = TRY(next_care_change(transaction_));
  return change_;
}

}  // namespace

Result<format::CareTaken> entrust(Transaction& transaction, const Authority& authority,
                                  const format::CareRequest& request, const CareReadingEnds& ends,
                                  std::int64_t now_unix_s) {
  return Entrusting(transaction, authority, request, now_unix_s).work(ends);
}

}  // namespace inxt::bridge
