// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/manifest_batches.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "client/manifest_table.h"
#include "sys/files.h"
#include "transfer/segment_joiner.h"

namespace inxt::client {

Result<std::unique_ptr<Batch>> ManifestBatches::next() {
  if (ended_) return nullptr;
  auto batch = ahead_ ? std::move(ahead_) : std::make_unique<Batch>();
  while (true) {
    const auto text = TRY_IN(name_, lines_.next());
    if (!text) break;
    const auto line = TRY_IN(name_, reader_.next(*text));
    if (const auto* error = std::get_if<format::ErrorLine>(&line))
      return fail(error->code, fmt::format("{} failed: {}", error->tool, error->message));
    const std::string exact = std::string(*text) + '\n';
    if (const auto* piece = std::get_if<format::PieceLine>(&line)) {
      BatchPiece next{.line = *piece, .line_text = std::string(*text), .bytes = {}};
      std::string with_places = exact;
      if (const auto known = known_.find(number_of(piece->place)); known != known_.end())
        for (const auto& place : known->second) {
          next.at.push_back(place.host);
          with_places += place.line;
        }
      if (!batch->pieces.empty() && batch->pieces.front().line.place.segment != piece->place.segment) {
        ahead_ = std::make_unique<Batch>();
        ahead_->text = with_places;
        ahead_->pieces.push_back(std::move(next));
        break;
      }
      batch->pieces.push_back(std::move(next));
      batch->text += with_places;
    } else if (const auto* file = std::get_if<format::FileLine>(&line)) {
      TRY_IN(name_, load(*batch, *file));
    } else if (std::holds_alternative<format::SealLine>(line)) {
      seal_ = exact;
    } else if (std::holds_alternative<format::CiphertextChunk>(line)) {
      return fail(Code::usage, fmt::format("{}: ciphertext that is not cut into pieces yet", name_), "put inxt-shard between inxt-encrypt and inxt-put");
    } else {
      if (const auto* place = std::get_if<format::PlaceLine>(&line)) {
        const auto placed = std::ranges::find(batch->pieces, place->place, [](const auto& p) { return p.line.place; });
        if (placed != batch->pieces.end()) placed->at.push_back(place->host);
        waiting_.erase(number_of(place->place));
      }
      (seal_.empty() ? batch->text : pending_text_) += exact;
    }
  }
  if (!ahead_) {
    ended_ = true;
    TRY_IN(name_, reader_.finish());
    if (!chain().layout) return fail(Code::usage, fmt::format("{}: no pieces are described", name_), "put inxt-shard between inxt-encrypt and inxt-put");
  }
  for (const auto& piece : batch->pieces)
    if (piece.at.empty() && piece.bytes.empty()) waiting_.emplace(number_of(piece.line.place), piece.line.id);
  if (ended_) TRY(check_all_placed());
  return batch;
}

std::uint64_t ManifestBatches::number_of(const Place& place) const {
  const auto& layout = *chain().layout;
  return place.segment * layout.pieces_per_segment() + place.shard * layout.mirrors + place.mirror;
}

Result<void> ManifestBatches::check_all_placed() const {
  if (waiting_.empty()) return {};
  return fail(Code::not_found, fmt::format("{}: piece {} has no place and no file", name_, waiting_.begin()->second.hex()),
              "a manifest without its pieces cannot be put: start from the data");
}

Result<void> ManifestBatches::load(Batch& batch, const format::FileLine& file) {
  const auto piece = std::ranges::find(batch.pieces, file.place, [](const auto& p) { return p.line.place; });
  // A file line follows its piece line; one about an earlier segment has come too late to matter.
  if (piece == batch.pieces.end() || !piece->at.empty() || !piece->bytes.empty()) return {};
  if (file.length != piece->line.size)
    return fail(Code::integrity, fmt::format("length: {} where the piece has {}", file.length, piece->line.size));
  const auto opened = TRY(files_.open(file.path));
  Bytes bytes(piece->line.size);
  if (TRY(sys::read_full_at(opened.number(), file.offset, bytes, file.path)) != bytes.size())
    return fail(Code::integrity, fmt::format("{} is shorter than its line says", file.path));
  TRY_IN(file.path, transfer::check_piece(piece->line, bytes));
  batch.files.push_back(std::move(bytes));
  piece->bytes = batch.files.back();
  batch.paths.push_back(file.path);
  return {};
}

void ManifestBatches::give_back(std::unique_ptr<Batch> batch, bool placed) {
  if (!placed || spool_ == nullptr) return;
  for (const auto& path : batch->paths) {
    if (!spool_->holds(path)) continue;
    // A file that stays behind costs space until the spool is cleared, nothing else.
    (void)files_.remove(path);
    (void)files_.remove(path + ".tag");
  }
}

Result<std::string> ManifestBatches::seal() { return seal_ + pending_text_; }

Result<KnownPlaces> places_ahead(int fd, const std::string& name) {
  KnownPlaces places;
  const auto start = ::lseek(fd, 0, SEEK_CUR);
  if (start < 0 || TRY(sys::status_of(fd, name)).kind != sys::FileKind::regular) return places;
  LineReader lines(fd, name);
  format::ManifestReader reader(format::any_writer());
  while (const auto text = TRY_IN(name, lines.next())) {
    const auto line = TRY_IN(name, reader.next(*text));
    const auto* place = std::get_if<format::PlaceLine>(&line);
    if (place == nullptr) continue;
    const auto& layout = *reader.chain().layout;
    places[place->place.segment * layout.pieces_per_segment() + place->place.shard * layout.mirrors + place->place.mirror].push_back({place->host, {}});
  }
  if (::lseek(fd, start, SEEK_SET) < 0) return fail_errno(errno, name);
  return places;
}

}  // namespace inxt::client
