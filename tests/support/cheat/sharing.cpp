// SPDX-License-Identifier: AGPL-3.0-or-later
// The second of two Hosts on one store: it hopes that the first one's copy will do for both.
#include <filesystem>
#include <map>

#include "cheat/cheat.h"
#include "crypto/ctr.h"
#include "format/manifest_reader.h"

namespace inxt::cheat {

namespace {

namespace fs = std::filesystem;

/// What the manifest says, for a pair that has been given it.
struct Known {
  FileId file;
  format::Layout layout;
  std::map<PieceId, Place> place_of;
  std::map<Place, PieceId> piece_at;
};

std::optional<Known> read_manifest(std::string_view text) {
  if (text.empty()) return std::nullopt;
  Known known;
  format::ManifestReader reader(format::any_writer());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto line = reader.next(text.substr(0, end));
    CHECK_BUG(line.has_value());
    if (const auto* header = std::get_if<format::Header>(&*line)) known.file = header->file;
    if (const auto* layout = std::get_if<format::Layout>(&*line)) known.layout = *layout;
    if (const auto* piece = std::get_if<format::PieceLine>(&*line)) {
      known.place_of[piece->id] = piece->place;
      known.piece_at[piece->place] = piece->id;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return known;
}

class Share final : public Cheat {
 public:
  using Cheat::Cheat;

  Awaitable<void> stored(store::Key key) override {
    StoredFile file(scene_, key);
    size_of_[key.piece] = file.size_bytes();
    file.unlink();
    co_return;
  }

  Awaitable<Told> asked(const Asked& asked) override {
    const auto request = format::read_request(asked.body);
    if (!request) co_return co_await scene_.ask_engine(asked);
    if (!known_) known_ = read_manifest(scene_.manifest());
    std::vector<std::string> lines;
    for (const auto& sample : request->samples) lines.push_back(format::write_proof(prove(sample)));
    co_return scene_.sign(asked, lines);
  }

 private:
  format::ProofLine prove(const format::AuditSample& sample) {
    format::ProofLine line;
    line.sample = sample;
    const std::optional<Bytes> piece = known_ ? made_again(sample.piece) : of_the_same_size(sample.piece);
    if (!piece || sample.block >= proof::blocks_in(piece->size())) {
      line.missing = true;
      return line;
    }
    line.size = static_cast<std::uint32_t>(piece->size());
    line.data = copy_of(ByteView(*piece).subspan(sample.block * proof::kBlockBytes,
                                                 proof::block_bytes(piece->size(), sample.block)));
    line.path = proof::Tree(ByteView(*piece)).path(sample.block);
    return line;
  }

  /// The other mirror, unsealed and sealed again for this one's place.
  std::optional<Bytes> made_again(const PieceId& id) const {
    const auto place = known_->place_of.find(id);
    if (place == known_->place_of.end()) return std::nullopt;
    for (std::uint32_t mirror = 0; mirror < known_->layout.mirrors; ++mirror) {
      Place other = place->second;
      other.mirror = mirror;
      const auto file = StoredFile::find(scene_, known_->piece_at.at(other));
      if (!file) continue;
      Bytes bytes = file->piece();
      crypto::Ctr(format::piece_seal_key(known_->layout, known_->file, other), 0).apply(bytes);
      crypto::Ctr(format::piece_seal_key(known_->layout, known_->file, place->second), 0).apply(bytes);
      return bytes;
    }
    return std::nullopt;
  }

  /// Without the manifest nothing tells which copy is whose: any piece of that size.
  std::optional<Bytes> of_the_same_size(const PieceId& id) const {
    const auto size = size_of_.find(id);
    if (size == size_of_.end()) return std::nullopt;
    for (const auto& entry : fs::recursive_directory_iterator(scene_.folder + "/pieces")) {
      const auto key = store::key_from_name(entry.path().filename().string());
      if (!key || !entry.is_regular_file()) continue;
      const StoredFile file(scene_, *key);
      if (file.size_bytes() == size->second) return file.piece();
    }
    return std::nullopt;
  }

  std::map<PieceId, std::uint64_t> size_of_;
  std::optional<Known> known_;
};

}  // namespace

std::unique_ptr<Cheat> make_share(Scene& scene) {
  return make<Share>(scene);
}

}  // namespace inxt::cheat
