// SPDX-License-Identifier: LGPL-3.0-or-later
// What owners entrust to a Bridge, so that it repairs what is lost.  Wire: inxt-bridge(7), "Care".
//
// The lines of a manifest come in another order than in a manifest, so that a Bridge takes a file in parts of
// whole segments and needs no more memory than one part: header, the owner's stanza, layout, seal; then, for
// each segment, its piece lines and behind them its place lines.  Each line is signed by itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format/manifest_lines.h"

namespace inxt::format {

inline constexpr std::size_t kCareBodyBytesMax = std::size_t{8} << 20;
inline constexpr std::size_t kCareFilesMax = 1024;                         // parts of files in one body
inline constexpr std::size_t kCareReadingsMax = 4096;                      // in one body
inline constexpr std::size_t kCarePlacesPerPieceMax = 8;                   // in one body
inline constexpr std::size_t kCareSegmentBytesMax = std::size_t{1} << 20;  // piece lines of one segment

/// How a Bridge reads pieces that an account of the owner keeps at a Host: as for a share.
struct CareReading {
  std::uint32_t uploader = 0;  // whose account: that of headers
  HostId host;
  AccountId account;
  std::string capability;  // by the account, to this Bridge: format/lease.h
};

/// Whole segments of one file.
struct CareSegment {
  std::uint64_t number = 0;
  std::uint32_t piece_bytes = 0;
  std::vector<PieceId> pieces;    // by place: shard * mirrors + mirror
  std::string_view lines;         // piece lines, each with its newline, by place
  std::vector<PlaceLine> places;  // in their order: later ones are likelier to be good
};
struct CareFile {
  Header header;
  Layout layout;
  SealLine seal;
  std::string_view header_line, stanza_line, layout_line, seal_line;  // without newlines
  std::string recipient;                                              // of the stanza
  std::vector<CareSegment> segments;                                  // ascending
};

/// POST /v1/care.  Texts stand within the body.
struct CareRequest {
  AccountId caretaker;  // caretaker_id() of the key that repairs
  std::vector<CareReading> readings;
  std::vector<CareFile> files;
};
/// The body's first lines; those of files go behind it.
std::string write_care_head(const AccountId& caretaker, const std::vector<CareReading>& readings);
/// Each line's signature has been checked by the writer that its header names, and that all pieces of each
/// segment are there and fit; who the writer is, nobody knows here.  Capabilities are not opened.
/// Errors: integrity, with the line's number and the member, or the name of the limit.
/// Cost: a signature check for each header, stanza, layout, seal and piece line.
Result<CareRequest> read_care_request(std::string_view body);

}  // namespace inxt::format
