// SPDX-License-Identifier: LGPL-3.0-or-later
// A manifest in the order in which a Bridge takes it: format/care_requests.h.
#pragma once

#include <map>

#include "client/line_reader.h"
#include "format/care_requests.h"
#include "format/manifest_reader.h"

namespace inxt::client {

/// A manifest is in memory whole: about a million pieces.
inline constexpr std::uint64_t kCareManifestBytesMax = std::uint64_t{1} << 30;

class CareText {
 public:
  /// Reads to the end, and checks all that manifest_reader.h checks.
  /// Errors: those of the reader, with `name` before; integrity without a seal; usage past
  /// kCareManifestBytesMax, or where the lines of a segment pass what a Bridge takes.
  static Result<CareText> read(LineReader& lines, const std::string& name, format::WriterCheck check);

  /// The same of a manifest in memory.
  static Result<CareText> read(std::string_view manifest, const std::string& name, format::WriterCheck check);

  const format::Header& header() const { return header_; }
  std::uint64_t segments() const { return segments_.size(); }
  std::uint64_t unplaced() const { return unplaced_; }  // pieces without a place
  /// Whose accounts keep pieces, and where: the header's uploader's, and of those who repaired.
  const std::vector<std::pair<std::uint32_t, HostId>>& accounts() const { return accounts_; }

  const std::string& begin() const { return begin_; }  // what each part begins with
  std::string segment(std::uint64_t number) const {
    return segments_[number].pieces + segments_[number].places;
  }

 private:
  struct Segment {
    std::string pieces, places;
  };
  format::Header header_;
  std::string begin_;
  std::vector<Segment> segments_;
  std::vector<std::pair<std::uint32_t, HostId>> accounts_;
  std::uint64_t unplaced_ = 0;
};

}  // namespace inxt::client
