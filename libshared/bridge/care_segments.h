// SPDX-License-Identifier: LGPL-3.0-or-later
// Entrusted segments, as whoever repairs sees them.  Each function is a part of the caller's transaction;
// what it returns is true of that transaction's moment only.
//
// A segment is one row, with 8 bytes for each place that a piece of it has or had.  Each change of a row
// takes the next number of one counter, and numbers are committed in their order: whoever has read up to a
// number reads on behind it and misses nothing, in any number of processes.  A file whose care has ended
// keeps its rows, emptied, for kCareRemovedKeptS, so that these see it.
//
// What the owner says of places is nobody's proof: that a Host does not have such a piece says nothing of the
// Host before it has proved it once (CarePlace::is_proved), only that the piece is missing.  Otherwise a
// manifest that someone made up would accuse whom he likes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "bridge/authority.h"
#include "crypto/secret.h"
#include "database/transaction.h"
#include "format/care_requests.h"
#include "plan/placement_layout.h"

namespace inxt::bridge {

inline constexpr std::int64_t kCareRemovedKeptS = 7 * 86400;
inline constexpr std::size_t kCareChangesMax = 4096;                       // rows of one page
inline constexpr std::size_t kCareChangesBytesMax = std::size_t{8} << 20;  // of places in one page
inline constexpr std::size_t kCarePlacesKeptMax = 16;  // of one piece; where there are more, the first go

/// Rows' keys.
using CareFileKey = std::int64_t;
using CareSegmentKey = std::int64_t;
using CareHostKey = std::uint32_t;  // of care_hosts: also of Hosts that the directory does not have

/// Where a piece lies, or lay.
struct PlaceOfCare {
  CareHostKey host = 0;
  std::uint16_t place = 0;     // shard * mirrors + mirror
  bool is_lost : 1 = false;    // proved: missing or damaged there
  bool is_proved : 1 = false;  // the Host has proved it at least once
  bool is_ours : 1 = false;    // by a repair of this Bridge, whose contract is the caretaker's
  bool operator==(const PlaceOfCare&) const = default;
};
static_assert(sizeof(PlaceOfCare) == 8);

struct CareRow {
  CareSegmentKey key = 0;
  CareFileKey file = 0;
  std::uint64_t segment = 0;  // its number in the file
  bool is_removed = false;    // its care has ended; nothing of what follows is there
  plan::PlacedLayout layout;
  std::uint32_t piece_bytes = 0;
  std::vector<PlaceOfCare> places;  // in the order in which they came; of one place's, the last counts
};
/// Up to where changes have been read; from the beginning.
struct CarePosition {
  std::int64_t change = 0;
  CareSegmentKey key = 0;
  auto operator<=>(const CarePosition&) const = default;
};
struct CareChanges {
  std::vector<CareRow> rows;
  CarePosition position;  // to go on from
};
/// What changed behind `position`, at most `limit` rows (kCareChangesMax): fewer when that is all.  Files
/// that are not all there do not come.  Reading from the beginning is how a process begins.
Result<CareChanges> care_changes(database::Transaction& transaction, CarePosition position,
                                 std::size_t limit = kCareChangesMax);

struct CareHost {
  CareHostKey key = 0;
  HostId host;
  std::string address;  // as the first place line said
};
/// Those with keys greater than `after`, ascending, at most kCareChangesMax.
Result<std::vector<CareHost>> care_hosts(database::Transaction& transaction, CareHostKey after);
/// Its key; made where there is none.
Result<CareHostKey> care_host_key(database::Transaction& transaction, const HostId& host,
                                  const std::string& address);

/// All that it takes to remake a piece, its contract's tag, and the request for it.
struct CareText {
  AccountId owner;  // of the Bridge's first permit
  UsagePath path;   // who is charged for what is stored
  FileId file;
  AccountId caretaker;
  std::uint32_t uploader = 0;                         // the header's
  std::string header_line, stanza_line, layout_line;  // without newlines; the stanza is the owner's
  std::vector<std::string> piece_lines;               // by place, without newlines
  CareRow row;
  std::vector<crypto::Hash> contracts;  // of row.places
  /// Of row.places that are not this Bridge's: whose accounts have the contracts.  The header's, but for what
  /// the owner had repaired under another number.
  std::vector<std::uint32_t> uploaders;
};
/// Nothing where its care has ended.
Result<std::optional<CareText>> care_text(database::Transaction& transaction, CareSegmentKey segment);

/// How the pieces that the accounts of a number of the owner's keep at a Host are read: a capability to lease
/// them.
struct CareAccount {
  AccountId account;
  std::string capability;
  std::int64_t expires_unix_s = 0;
};
Result<std::optional<CareAccount>> care_account(database::Transaction& transaction,
                                                const AccountId& caretaker, const AccountId& owner,
                                                std::uint32_t uploader, const HostId& host);

/// A piece that a repair has stored.
struct NewCarePlace {
  std::uint16_t place = 0;
  HostId host;
  std::string address;
  AccountId account;  // the caretaker's there
  crypto::Hash contract{};
  crypto::Hash receipt{};
  Bytes sealed_control_seed;  // CareSeal::seal() with the contract as context
  std::int64_t until_unix_s = 0;
};
/// Adds it behind the others of its place; is_proved as given.  False when the segment's care has ended: then
/// what was stored is let go again.  Doing it twice is as doing it once.
Result<bool> add_care_place(database::Transaction& transaction, CareSegmentKey segment,
                            const NewCarePlace& place, bool is_proved, std::int64_t now_unix_s);
/// What let go a piece that a repair of this Bridge stored.
struct CareContract {
  std::uint64_t number = 0;
  AccountId account;
  crypto::Hash contract{};
  Bytes sealed_control_seed;
  std::int64_t until_unix_s = 0;
};
Result<std::optional<CareContract>> care_contract(database::Transaction& transaction, CareSegmentKey segment,
                                                  std::uint16_t place, const HostId& host);

// Of one place at one Host.  False where it is not there any more.
enum class CareMark { lost, found, proved };
Result<bool> mark_care_place(database::Transaction& transaction, CareSegmentKey segment, std::uint16_t place,
                             CareHostKey host, CareMark mark);
/// It has been let go there.
Result<bool> remove_care_place(database::Transaction& transaction, CareSegmentKey segment,
                               std::uint16_t place, CareHostKey host);

/// These files were audited: what owners are shown.
Result<void> note_care_audit(database::Transaction& transaction, std::span<const CareFileKey> files,
                             std::int64_t now_unix_s);

/// Readers' reports, taken off their list, oldest first.
struct CareDoubt {
  CareSegmentKey segment = 0;
  std::uint16_t place = 0;
  CareHostKey host = 0;
  bool operator==(const CareDoubt&) const = default;
};
Result<std::vector<CareDoubt>> take_care_doubts(database::Transaction& transaction, std::size_t limit);

}  // namespace inxt::bridge
