// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/join.h"

#include <fmt/format.h>

#include "sys/files.h"
#include "transfer/segment_joiner.h"

namespace inxt::client {
namespace {

constexpr std::size_t kSegmentsNamedMax = 16;  // in an error

enum class Found { absent, damaged, good };

class PieceReader {
 public:
  PieceReader(const ManifestTable& manifest, const LocalPaths& paths) : manifest_(manifest), paths_(paths) {}

  /// Reads a piece into `to`, from its named file or by its id.
  Result<Found> read(std::uint64_t piece, Bytes& to) const {
    Found best = Found::absent;
    if (const auto named = manifest_.files().find(piece); named != manifest_.files().end()) {
      best = TRY(read_from(named->second.path, named->second.offset, piece, to));
      if (best == Found::good) return best;
    }
    const auto by_id = TRY(read_from(manifest_.id(piece).hex(), 0, piece, to));
    return by_id == Found::absent ? best : by_id;
  }

 private:
  Result<Found> read_from(const std::string& path, std::uint64_t offset, std::uint64_t piece,
                          Bytes& to) const {
    const auto fd = paths_.open(path);
    if (!fd) {
      if (fd.error().code == Code::not_found) return Found::absent;
      // A name made of an id lies where we look for it, or nowhere; a path that someone wrote may be hostile.
      if (path.find('/') == path.npos) return Found::absent;
      return std::unexpected(fd.error());
    }
    const auto size = manifest_.size(piece);
    to.resize(size);
    const auto got = sys::read_full_at(fd->number(), offset, to, path);
    if (!got) return Found::damaged;  // an unreadable sector is damage, and others may do
    const format::PieceLine line{
        .place = manifest_.place_of(piece), .size = size, .id = manifest_.id(piece), .last = std::nullopt};
    return *got == size && transfer::check_piece(line, to) ? Found::good : Found::damaged;
  }

  const ManifestTable& manifest_;
  const LocalPaths& paths_;
};

}  // namespace

Result<JoinReport> join(const ManifestTable& manifest, const LocalPaths& paths, ByteSink& out,
                        const StageCallbacks& callbacks) {
  const auto& layout = manifest.layout();
  const auto joiner = TRY(transfer::SegmentJoiner::make(layout, manifest.header().file));
  const PieceReader reader(manifest, paths);
  std::vector<Bytes> buffers(layout.k);
  Bytes room;
  JoinReport report;
  std::uint64_t lacking = 0;
  std::uint64_t damaged_in_lacking = 0;
  std::string named;

  for (std::uint64_t segment = 0; segment < manifest.segments(); ++segment) {
    if (callbacks.stopped && callbacks.stopped()) return fail(Code::failure, "stopped");
    std::vector<transfer::PieceInHand> pieces;
    std::uint64_t damaged = 0;
    bool replaced = false;
    for (std::uint32_t shard = 0; shard < layout.shards() && pieces.size() < layout.k; ++shard) {
      for (std::uint32_t mirror = 0; mirror < layout.mirrors; ++mirror) {
        const Place place{.segment = segment, .shard = shard, .mirror = mirror};
        auto& buffer = buffers[pieces.size()];
        const auto found = TRY(reader.read(manifest.number_of(place), buffer));
        if (found == Found::good) {
          pieces.push_back({.place = place, .bytes = buffer});
          break;
        }
        damaged += found == Found::damaged ? 1 : 0;
        replaced = true;
      }
    }
    report.pieces_damaged += damaged;
    if (pieces.size() < layout.k) {
      if (lacking++ < kSegmentsNamedMax)
        named += fmt::format("{}segment {} lacks {} of the {} shards it needs{}", named.empty() ? "" : "; ",
                             segment, layout.k - pieces.size(), layout.k,
                             damaged > 0 ? fmt::format(" ({} damaged)", damaged) : "");
      damaged_in_lacking += damaged;
      continue;  // the others are looked at too, so that one run says all that is missing
    }
    if (lacking > 0) continue;
    const auto bytes = manifest.ciphertext_bytes(segment);
    for (const auto& view : TRY(joiner.join(segment, bytes, pieces, room))) TRY(out.write(view));
    ++report.segments;
    report.segments_rebuilt += replaced ? 1 : 0;
    if (callbacks.on_progress) callbacks.on_progress(bytes);
  }
  if (lacking > 0) {
    if (lacking > kSegmentsNamedMax)
      named += fmt::format("; and {} segments more", lacking - kSegmentsNamedMax);
    return fail(damaged_in_lacking > 0 ? Code::integrity : Code::too_few_pieces, named,
                "name further folders that hold pieces with --dir");
  }
  TRY(out.finish());
  return report;
}

}  // namespace inxt::client
