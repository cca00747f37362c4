// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/care_requests.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crypto/labels.h"
#include "format/care_answers.h"
#include "format/lease.h"
#include "format/manifest_chain.h"

namespace inxt::format {
namespace {

std::unexpected<Error> bad(const std::string& where, std::string_view why) {
  return fail(Code::integrity, fmt::format("{}: {}", where, why));
}

/// Takes the body's lines one by one, and holds each file's signed lines to its header's writer.
class BodyReader {
 public:
  explicit BodyReader(std::string_view body) : rest_(body) {}

  Result<CareRequest> read();

 private:
  Result<void> take();
  Result<void> end_segment();
  Result<void> end_file();
  Result<void> check_signature(const crypto::PublicKey& writer, std::string_view label,
                               ByteView context) const;
  Result<void> add_reading(const Fields& fields);
  Result<void> add(Header& header);
  Result<void> add(Stanza& stanza);
  Result<void> add(Layout& layout);
  Result<void> add(SealLine& seal);
  Result<void> add(PieceLine& piece);
  Result<void> add(PlaceLine& place);
  template <class Other>
  Result<void> add(Other&) {
    return bad(where_, "type: care takes no such line");
  }

  std::string_view rest_;
  std::string_view line_;
  std::string where_;
  std::size_t number_ = 0;
  CareRequest request_;
  CareFile* file_ = nullptr;  // in work
  crypto::Hash header_hash_{};
  std::optional<std::uint64_t> last_;  // of the segment in work
  std::vector<std::uint8_t> places_;   // of each of its pieces
};

Result<CareRequest> BodyReader::read() {
  if (rest_.size() > kCareBodyBytesMax)
    return fail(Code::integrity,
                fmt::format("the body is longer than {} bytes (kCareBodyBytesMax)", kCareBodyBytesMax));
  while (!rest_.empty()) TRY(take());
  if (number_ == 0) return fail(Code::integrity, "the body is empty");
  TRY(end_file());
  return std::move(request_);
}

Result<void> BodyReader::take() {
  where_ = fmt::format("line {}", ++number_);
  const std::size_t end = rest_.substr(0, kLineBytesMax).find('\n');
  if (end == rest_.npos)
    return bad(where_, fmt::format("no newline within {} bytes (kLineBytesMax)", kLineBytesMax));
  line_ = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  const Json json = TRY_IN(where_, parse_object(line_));
  const Fields fields(json, where_);
  if (number_ == 1) {
    TRY(fields.expect("type", "care"));
    request_.caretaker = TRY(fields.id<AccountId>("caretaker"));
    return {};
  }
  if (line_.starts_with(R"({"type":"reading")")) return add_reading(fields);
  Line line = TRY(line_from_json(json, where_));
  return std::visit([this](auto& any) { return add(any); }, line);
}

Result<void> BodyReader::add_reading(const Fields& fields) {
  if (file_ != nullptr) return bad(where_, "type: readings stand before the first file");
  if (request_.readings.size() == kCareReadingsMax)
    return bad(where_, fmt::format("more than {} readings (kCareReadingsMax)", kCareReadingsMax));
  CareReading reading;
  reading.uploader = static_cast<std::uint32_t>(TRY(fields.integer("uploader", kUploaderMax)));
  reading.host = TRY(fields.id<HostId>("host"));
  reading.account = TRY(fields.id<AccountId>("account"));
  reading.capability = TRY(fields.text("capability", kLeasingTokenBytesMax));
  request_.readings.push_back(std::move(reading));
  return {};
}

Result<void> BodyReader::check_signature(const crypto::PublicKey& writer, std::string_view label,
                                         ByteView context) const {
  const SignedText parts = TRY_IN(where_, split_signed(line_));
  if (!verify_line(parts, label, context, writer)) return bad(where_, "sig: the signature is wrong");
  return {};
}

Result<void> BodyReader::add(Header& header) {
  TRY(end_file());
  if (request_.files.size() == kCareFilesMax)
    return bad(where_, fmt::format("more than {} files (kCareFilesMax)", kCareFilesMax));
  if (line_.size() > kHeaderBytesMax)
    return bad(where_, fmt::format("longer than {} bytes (kHeaderBytesMax)", kHeaderBytesMax));
  TRY(check_signature(header.writer.bytes, crypto::label::kHeaderLine, {}));
  if (header.uploader >= kCaretakersBegin) return bad(where_, "uploader: a caretaker's number signs no file");
  header_hash_ = header_hash(line_);
  file_ = &request_.files.emplace_back();
  file_->header = std::move(header);
  file_->header_line = line_;
  return {};
}

Result<void> BodyReader::add(Stanza& stanza) {
  if (file_ == nullptr || !file_->stanza_line.empty())
    return bad(where_, "one stanza, the owner's, stands behind each header");
  TRY(check_signature(file_->header.writer.bytes, crypto::label::kManifestLine, header_hash_));
  file_->stanza_line = line_;
  file_->recipient = std::move(stanza.recipient);
  return {};
}

Result<void> BodyReader::add(Layout& layout) {
  if (file_ == nullptr || file_->stanza_line.empty() || !file_->layout_line.empty())
    return bad(where_, "one layout stands behind each stanza");
  TRY(check_signature(file_->header.writer.bytes, crypto::label::kManifestLine, header_hash_));
  file_->layout = layout;
  file_->layout_line = line_;
  return {};
}

Result<void> BodyReader::add(SealLine& seal) {
  if (file_ == nullptr || file_->layout_line.empty() || !file_->seal_line.empty())
    return bad(where_, "one seal stands behind each layout");
  TRY(check_signature(file_->header.writer.bytes, crypto::label::kManifestLine, header_hash_));
  const Layout& layout = file_->layout;
  if (seal.bytes > kJsonIntegerMax - layout.segment_bytes() || seal.segments != layout.segments(seal.bytes) ||
      seal.pieces != seal.segments * layout.pieces_per_segment())
    return bad(where_, "the seal counts otherwise than the layout makes it");
  file_->seal = seal;
  file_->seal_line = line_;
  return {};
}

Result<void> BodyReader::add(PieceLine& piece) {
  if (file_ == nullptr || file_->seal_line.empty()) return bad(where_, "a piece stands before the seal");
  TRY(check_signature(file_->header.writer.bytes, crypto::label::kManifestLine, header_hash_));
  const Layout& layout = file_->layout;
  const bool begins =
      file_->segments.empty() || file_->segments.back().pieces.size() == layout.pieces_per_segment();
  if (begins) {
    TRY(end_segment());
    const std::uint64_t segment = piece.place.segment;
    if (segment >= file_->seal.segments) return bad(where_, "segment: behind the last one of the seal");
    if (!file_->segments.empty() && segment <= file_->segments.back().number)
      return bad(where_, "segment: they are ascending");
    CareSegment& made = file_->segments.emplace_back();
    made.number = segment;
    made.lines = line_.substr(0, 0);
    last_.reset();
    if (segment == file_->seal.segments - 1) last_ = file_->seal.bytes - segment * layout.segment_bytes();
    places_.assign(layout.pieces_per_segment(), 0);
  }
  CareSegment& segment = file_->segments.back();
  const std::size_t within = segment.pieces.size();
  const Place due{.segment = segment.number,
                  .shard = static_cast<std::uint32_t>(within / layout.mirrors),
                  .mirror = static_cast<std::uint32_t>(within % layout.mirrors)};
  if (piece.place != due || !segment.places.empty())
    return bad(where_,
               "the pieces of a segment stand together, in their order, and their places behind them");
  if (piece.last != last_) return bad(where_, "last: not as the seal makes it");
  TRY_IN(where_, check_fits(layout, piece));
  segment.piece_bytes = piece.size;
  segment.pieces.push_back(piece.id);
  segment.lines =
      std::string_view(segment.lines.data(), static_cast<std::size_t>(rest_.data() - segment.lines.data()));
  if (segment.lines.size() > kCareSegmentBytesMax)
    return bad(where_, fmt::format("the piece lines of one segment have more than {} bytes "
                                   "(kCareSegmentBytesMax)",
                                   kCareSegmentBytesMax));
  return {};
}

Result<void> BodyReader::add(PlaceLine& place) {
  if (file_ == nullptr || file_->segments.empty() ||
      file_->segments.back().pieces.size() != file_->layout.pieces_per_segment() ||
      file_->segments.back().number != place.place.segment || place.place.shard >= file_->layout.shards() ||
      place.place.mirror >= file_->layout.mirrors)
    return bad(where_, "a place stands behind the pieces of its segment");
  std::uint8_t& count = places_[place.place.shard * file_->layout.mirrors + place.place.mirror];
  if (count == kCarePlacesPerPieceMax)
    return bad(where_, fmt::format("more than {} places of one piece (kCarePlacesPerPieceMax)",
                                   kCarePlacesPerPieceMax));
  ++count;
  file_->segments.back().places.push_back(std::move(place));
  return {};
}

Result<void> BodyReader::end_segment() {
  if (file_ == nullptr || file_->segments.empty()) return {};
  if (file_->segments.back().pieces.size() != file_->layout.pieces_per_segment())
    return bad(where_, fmt::format("segment {} before it lacks pieces", file_->segments.back().number));
  return {};
}

Result<void> BodyReader::end_file() {
  TRY(end_segment());
  if (file_ != nullptr && file_->segments.empty())
    return bad(where_, "the file before it has no segment here");
  return {};
}

}  // namespace

std::string write_care_head(const AccountId& caretaker, const std::vector<CareReading>& readings) {
  std::string lines = write_compact({{"type", "care"}, {"caretaker", caretaker.hex()}}) + '\n';
  for (const CareReading& reading : readings)
    lines += write_compact({{"type", "reading"},
                            {"uploader", reading.uploader},
                            {"host", reading.host.hex()},
                            {"account", reading.account.hex()},
                            {"capability", reading.capability}}) +
             '\n';
  return lines;
}

Result<CareRequest> read_care_request(std::string_view body) {
  return BodyReader(body).read();
}

}  // namespace inxt::format
