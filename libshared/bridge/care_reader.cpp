// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/care_reader.h"

#include <nlohmann/json.hpp>

namespace inxt::bridge {
namespace {

template <class Line>
Result<Line> read_line(const std::string& text, const char* what) {
  const format::Json json = TRY_IN(what, format::parse_object(text, format::kLineBytesMax));
  format::Line line = TRY(format::line_from_json(json, what));
  if (auto* wanted = std::get_if<Line>(&line)) return std::move(*wanted);
  return fail(Code::integrity, std::string(what) + ": a line of another type");
}

}  // namespace

Result<SegmentOfCare> read_care(const CareText& text) {
  SegmentOfCare out;
  format::Chain& chain = out.chain;
  chain.header_line = text.header_line;
  chain.layout_line = text.layout_line;
  chain.header = TRY(read_line<format::Header>(text.header_line, "header"));
  chain.layout = TRY(read_line<format::Layout>(text.layout_line, "layout"));
  chain.header_hash = format::header_hash(text.header_line);
  chain.stanzas.push_back(TRY(read_line<format::Stanza>(text.stanza_line, "stanza")));
  out.owner = TRY_IN("stanza", keys::recipient_from_text(chain.stanzas.front().recipient));
  out.ciphertext_bytes = chain.layout->segment_bytes();
  for (const std::string& line : text.piece_lines) {
    out.pieces.push_back(TRY(read_line<format::PieceLine>(line, "piece")));
    if (out.pieces.back().last) out.ciphertext_bytes = *out.pieces.back().last;
  }
  if (out.pieces.size() != chain.layout->pieces_per_segment())
    return fail(Code::integrity, "the segment has not as many pieces as its layout says");
  return out;
}

}  // namespace inxt::bridge
