// SPDX-License-Identifier: AGPL-3.0-or-later
// What a Bridge is sent about files in its care, and what it tells.  First byte: a body, whose lines are
// signed again; a body as it is; a key; a report; a line about a file; a place.
#include "crypto/labels.h"
#include "format/care_answers.h"
#include "format/care_requests.h"
#include "format/manifest_chain.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {
namespace {

using namespace format;

std::string signed_body(std::string_view text) {
  std::string out;
  crypto::Hash context{};
  for (const std::string_view line : lines_of(text)) {
    std::string again(line);
    if (line.starts_with(R"({"type":"header")")) {
      again = sign_again(with_hex_member(again, "writer", signer_hex()), crypto::label::kHeaderLine, {});
      context = header_hash(again);
    } else if (line.contains(R"(,"sig":")")) {
      again = sign_again(again, crypto::label::kManifestLine, context);
    }
    (out += again) += '\n';
  }
  return out;
}

void body(std::string_view text) {
  const auto read = read_care_request(text);
  if (!read) {
    CHECK_BUG(read.error().code == Code::integrity);
    return;
  }
  CHECK_BUG(text.size() <= kCareBodyBytesMax && read->files.size() <= kCareFilesMax &&
            read->readings.size() <= kCareReadingsMax);
  for (const CareFile& file : read->files) {
    CHECK_BUG(!file.segments.empty() && file.header.uploader < kCaretakersBegin);
    for (std::size_t i = 0; i < file.segments.size(); ++i) {
      const CareSegment& segment = file.segments[i];
      CHECK_BUG(segment.number < file.seal.segments &&
                (i == 0 || segment.number > file.segments[i - 1].number));
      CHECK_BUG(segment.pieces.size() == file.layout.pieces_per_segment());
      CHECK_BUG(lines_of(segment.lines).size() == segment.pieces.size());
      CHECK_BUG(segment.places.size() <= kCarePlacesPerPieceMax * segment.pieces.size());
      for (const PlaceLine& place : segment.places)
        CHECK_BUG(place.place.segment == segment.number && place.place.shard < file.layout.shards() &&
                  place.place.mirror < file.layout.mirrors);
    }
  }
}

void place(std::string_view text) {
  const auto read = read_care_place(text, "line");
  if (!read) return;
  std::string line = write_care_place(*read);
  line.pop_back();
  const auto back = read_care_place(line, "line");
  CHECK_BUG(back && back->number == read->number && back->uploader == read->uploader &&
            back->place.place == read->place.place && back->place.host == read->place.host);
}

void info(std::string_view text) {
  const auto read = read_care_info(text, "line");
  if (!read) return;
  std::string line = write_care_info(*read);
  line.pop_back();
  CHECK_BUG(read_care_info(line, "line") == *read);
}

void key(std::string_view text) {
  const auto read = read_care_key(text);
  if (!read) return;
  CHECK_BUG(read->uploader >= kCaretakersBegin);
  CHECK_BUG(write_care_key(*read).text() == text);  // spelled exactly so
}

void report(std::string_view text) {
  const auto read = read_care_report(text);
  if (!read) return;
  const auto back = read_care_report(write_care_report(*read));
  CHECK_BUG(back && back->file == read->file && back->place == read->place && back->host == read->host);
}

}  // namespace

void fuzz(ByteView input) {
  const auto selector = take_byte(input) % 6;
  const auto text = text_of(input);
  if (selector == 0)
    body(signed_body(text));
  else if (selector == 1)
    body(text);
  else if (selector == 2)
    key(text);
  else if (selector == 3)
    report(text);
  else if (selector == 4)
    info(text);
  else
    place(text);
}

}  // namespace inxt::fuzz
