// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/care_text.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "format/manifest_writer.h"
#include "sys/fd.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

std::string with_newline(std::string_view line) {
  return std::string(line) + '\n';
}

}  // namespace

Result<CareText> CareText::read(LineReader& lines, const std::string& name, format::WriterCheck check) {
  CareText text;
  format::ManifestReader reader(std::move(check));
  std::string header, stanza, layout, seal;
  std::map<Place, std::vector<std::string>> places;
  std::set<std::pair<std::uint32_t, HostId>> accounts;
  std::uint64_t bytes = 0;
  while (const auto line_text = TRY_IN(name, lines.next())) {
    const auto line = TRY_IN(name, reader.next(*line_text));
    bytes += line_text->size() + 1;
    if (bytes > kCareManifestBytesMax)
      return fail(Code::usage, fmt::format("{}: longer than {} bytes (kCareManifestBytesMax)", name,
                                           kCareManifestBytesMax));
    if (std::holds_alternative<format::Header>(line)) {
      header = with_newline(*line_text);
    } else if (std::holds_alternative<format::Stanza>(line)) {
      if (stanza.empty()) stanza = with_newline(*line_text);  // the owner's is the first
    } else if (std::holds_alternative<format::Layout>(line)) {
      layout = with_newline(*line_text);
    } else if (std::holds_alternative<format::SealLine>(line)) {
      seal = with_newline(*line_text);
    } else if (const auto* piece = std::get_if<format::PieceLine>(&line)) {
      if (piece->place.segment == text.segments_.size()) text.segments_.emplace_back();
      text.segments_[piece->place.segment].pieces += with_newline(*line_text);
    } else if (const auto* place = std::get_if<format::PlaceLine>(&line)) {
      auto& of_piece = places[place->place];
      of_piece.push_back(with_newline(*line_text));
      if (of_piece.size() > format::kCarePlacesPerPieceMax) of_piece.erase(of_piece.begin());
      accounts.emplace(place->uploader.value_or(reader.chain().header->uploader), place->host);
    } else if (const auto* error = std::get_if<format::ErrorLine>(&line)) {
      return fail(error->code, fmt::format("{}: {} failed: {}", name, error->tool, error->message));
    }
  }
  TRY_IN(name, reader.finish());
  if (stanza.empty() || seal.empty())
    return fail(Code::integrity, fmt::format("{}: no manifest of pieces with its owner's stanza", name));
  for (auto& [place, of_piece] : places)
    for (const std::string& line : of_piece) text.segments_[place.segment].places += line;
  const format::Chain& chain = reader.chain();
  text.unplaced_ = chain.pieces - places.size();
  text.header_ = *chain.header;
  text.begin_ = header + stanza + layout + seal;
  text.accounts_.assign(accounts.begin(), accounts.end());
  for (std::size_t i = 0; i < text.segments_.size(); ++i)
    if (text.segments_[i].pieces.size() > format::kCareSegmentBytesMax)
      return fail(Code::usage, fmt::format("{}: segment {}: its piece lines have more than {} bytes "
                                           "(kCareSegmentBytesMax)",
                                           name, i, format::kCareSegmentBytesMax));
  return text;
}

Result<CareText> CareText::read(std::string_view manifest, const std::string& name,
                                format::WriterCheck check) {
  const sys::Fd file(::memfd_create("inxt-manifest", MFD_CLOEXEC));
  if (!file) return fail_errno(errno, "memfd_create");
  TRY(sys::write_all(file.number(), view_of(manifest), name));
  if (::lseek(file.number(), 0, SEEK_SET) != 0) return fail_errno(errno, name);
  LineReader lines(file.number(), name);
  return read(lines, name, std::move(check));
}

}  // namespace inxt::client
