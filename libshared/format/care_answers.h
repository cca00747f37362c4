// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge tells of files in its care, and the short requests about them.  Wire: inxt-bridge(7), "Care".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/kdf.h"
#include "format/manifest_lines.h"

namespace inxt::format {

inline constexpr std::size_t kCareKeyBytesMax = 256;
inline constexpr std::size_t kCareInfoBytesMax = 1024;  // a line of a list of care
inline constexpr std::size_t kCareReportBytesMax = 1024;

/// PUT /v1/care/keys: the key of a caretaker, so that the Bridge can repair.
struct CareKey {
  std::uint32_t uploader = 0;  // kCaretakersBegin or greater
  crypto::Key uploader_key;    // U_n
};
crypto::SecretBytes write_care_key(const CareKey& key);
/// Read in place, so that no copy of the secret stays in memory: spelled exactly as write_care_key() does.
/// Errors: integrity.
Result<CareKey> read_care_key(std::string_view body);
/// The answer: what the Bridge calls it.
std::string write_caretaker(const AccountId& caretaker);
Result<AccountId> read_caretaker(std::string_view line);

/// What came of a request.
struct CareTaken {
  std::uint64_t files = 0;     // named in the request
  std::uint64_t complete = 0;  // of these: cared for from now on, as all their segments are there
  std::uint64_t segments = 0;  // that were new
  std::uint64_t places = 0;    // that were new
  bool operator==(const CareTaken&) const = default;
};
std::string write_care_taken(const CareTaken& taken);
Result<CareTaken> read_care_taken(std::string_view line);

/// What a Bridge lists of a file in its care.
struct CareInfo {
  FileId file;
  AccountId caretaker;
  bool is_complete = false;
  std::uint64_t segments = 0;        // that are there
  std::uint64_t pieces = 0;          // of those
  std::uint64_t short_segments = 0;  // of those: a piece is known to be lost and not yet replaced
  std::uint64_t repaired = 0;        // pieces that the Bridge has put elsewhere
  std::int64_t added_unix_s = 0;
  std::optional<std::int64_t> audited_unix_s;
  bool operator==(const CareInfo&) const = default;
};
std::string write_care_info(const CareInfo& info);  // with newline
/// Errors: integrity, with `where` and the member.
Result<CareInfo> read_care_info(std::string_view line, const std::string& where);

/// A place where the Bridge has put a piece: a manifest's place line with more members, so that it can stand
/// in a manifest as it is.
struct CarePlace {
  std::uint64_t number = 0;    // ascending: later places have greater ones
  std::uint32_t uploader = 0;  // the caretaker's, whose account has the contract
  PlaceLine place;
};
std::string write_care_place(const CarePlace& place);  // with newline
/// Errors: integrity, with `where` and the member.
Result<CarePlace> read_care_place(std::string_view line, const std::string& where);

/// POST /v1/care/reports: a reader did not get a good piece there.  It leads to a check, and proves nothing.
struct CareReport {
  FileId file;
  Place place;
  HostId host;
};
std::string write_care_report(const CareReport& report);
/// Errors: integrity, with the member.
Result<CareReport> read_care_report(std::string_view body);

}  // namespace inxt::format
