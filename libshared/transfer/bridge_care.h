// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge does with files in its care, typed and asynchronous.  Engines see this and nothing of HTTP;
// tests stand in here.  Wire: inxt-bridge(7), "Care".
//
// Nothing that comes from here has been verified: a place that a Bridge tells costs a try, and a piece is
// checked against its signed id wherever it comes from.
#pragma once

#include "format/care_answers.h"
#include "format/care_requests.h"
#include "net/async.h"

namespace inxt::transfer {

inline constexpr std::uint32_t kCarePageMax = 256;         // files in one answer
inline constexpr std::uint32_t kCarePlacesPageMax = 1024;  // places in one answer

/// Of a file, both included.
struct CareSegments {
  std::uint64_t first = 0, last = 0;
};

enum class CareEnded { ended, not_in_care, more_places };

/// Errors of all: try_again (no connection, busy), denied (no permit for it), not_found, quota, integrity (an
/// answer that does not fit the question), usage.
class BridgeCare {
 public:
  virtual ~BridgeCare() = default;

  /// Gives it a caretaker's key; what is entrusted with it names it by the answer.  Done when it has it.
  virtual net::Awaitable<Result<AccountId>> put_key(const format::CareKey& key) = 0;
  /// Takes the key away.  Done when it has none.  Errors: denied while files are in its care.
  virtual net::Awaitable<Result<void>> remove_key(const AccountId& caretaker) = 0;
  /// `body`: format::write_care_head() and lines of files; at most format::kCareBodyBytesMax.
  virtual net::Awaitable<Result<format::CareTaken>> entrust(std::string body) = 0;
  /// Up to `limit` (at most kCarePageMax) files with ids behind `after`, ascending.
  virtual net::Awaitable<Result<std::vector<format::CareInfo>>> list(const std::optional<FileId>& after,
                                                                     std::uint32_t limit) = 0;
  /// Up to kCarePlacesPageMax places that the Bridge made, with numbers greater than `after`, ascending; of
  /// one segment only, where it is given.  Errors: not_found when the file is not in its care.
  virtual net::Awaitable<Result<std::vector<format::CarePlace>>> places(
      const FileId& file, std::uint64_t after, std::optional<std::uint64_t> segment = {}) = 0;
  /// From now on nothing of it is repaired: to be done before its pieces are deleted.  Not done where there
  /// are places with greater numbers than `seen`.
  virtual net::Awaitable<Result<CareEnded>> end(const FileId& file, std::uint64_t seen) = 0;
  /// The same for some segments, while the others stay in care.
  virtual net::Awaitable<Result<CareEnded>> end_segments(const FileId& file, CareSegments segments,
                                                         std::uint64_t seen) = 0;
  /// A piece was not there, or not good.
  virtual net::Awaitable<Result<void>> report(const format::CareReport& report) = 0;
};

}  // namespace inxt::transfer
