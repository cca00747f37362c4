// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/recover_manifest.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/host_addresses.h"
#include "client/reader_keys.h"
#include "client/recover_line.h"
#include "crypto/labels.h"
#include "format/manifest_reader.h"
#include "format/manifest_writer.h"
#include "proof/tree.h"
#include "transfer/segment_fetch.h"
#include "transfer/segment_joiner.h"

namespace inxt::client {
namespace {

using net::Awaitable;

/// A piece of which a line was found, and where it lies.
struct KnownPiece {
  format::PieceLine line;
  std::string text;
  std::vector<FoundPlace> places;
};
/// Of one segment.
using KnownPieces = std::map<Place, KnownPiece>;

Result<KnownPieces> pieces_of(const RecoverState& state, std::size_t number, const format::Layout& layout,
                              std::uint64_t segment) {
  KnownPieces out;
  for (auto& found : TRY(state.segment(number, segment))) {
    auto line = TRY(read_line_as<format::PieceLine>(found.line));
    // It was so when it was listed; the file may have been altered since.
    TRY_IN("what was found", check_fits(layout, line));
    auto& known = out[line.place];
    if (known.text.empty()) {
      known.text = found.line;
      known.line = std::move(line);
    }
    // Another line about the same place, which its writer signed too: the first one counts.
    if (known.text == found.line) known.places.push_back(std::move(found));
  }
  return out;
}

/// `writer`: the number of the file's uploader.
std::string place_line(const RecoverWorld& world, std::uint32_t writer, const Place& place,
                       const FoundPlace& found) {
  const auto address = newest_address(found.host, {}, world.hosts);
  return format::write_line(
      format::PlaceLine{.place = place,
                        .host = found.host,
                        .address = address.addresses.empty() ? "" : address.addresses.front(),
                        .contract = found.contract,
                        .receipt = found.receipt,
                        .uploader = found.account == writer ? std::nullopt : std::optional(found.account)});
}

class Rebuild {
 public:
  Rebuild(RecoverWorld& world, std::size_t number)
      : world_(world), number_(number), reader_(format::any_writer()) {}

  Awaitable<Result<RebuiltManifest>> run() {
    CO_CHECK(begin());
    CO_TRY(auto joiner, transfer::SegmentJoiner::make(layout_, header_.file));
    const auto last_segment = world_.state.last_segment(number_);
    CO_CHECK(find_end(last_segment));
    std::vector<std::uint64_t> lost;
    // One line can claim any number of segments before it: those that are named are enough.
    for (std::uint64_t segment = 0; segment <= last_segment && lost.size() <= kLostSegmentsNamedMax;
         ++segment) {
      if (world_.stopped && world_.stopped()) co_return fail(Code::failure, "stopped");
      CO_TRY(auto pieces, pieces_of(world_.state, number_, layout_, segment));
      note_holders(pieces);
      if (pieces.size() < layout_.pieces_per_segment()) {
        if (shards_of(pieces) < layout_.k) {
          lost.push_back(segment);
          continue;
        }
        if (lost.empty()) CO_CHECK(co_await remake(joiner, segment, segment == last_segment, pieces));
      }
      if (lost.empty()) CO_CHECK(write(pieces));
    }
    if (!lost.empty()) co_return too_few(lost);
    CO_CHECK(end());
    co_return std::move(out_);
  }

 private:
  Result<void> begin() {
    const auto lines = TRY(world_.state.lines(number_));
    header_ = TRY(read_line_as<format::Header>(lines.header));
    layout_ = TRY(read_line_as<format::Layout>(lines.layout));
    auto uploader = world_.key.uploader(header_.uploader);
    if (!uploader || uploader->writer_id() != header_.writer)
      return fail(Code::denied, "its writer is not one of this owner's");
    uploader_.emplace(*std::move(uploader));
    header_hash_ = format::header_hash(lines.header);
    TRY(take(lines.header));
    const format::Stanza stanza{.recipient = keys::recipient_text(world_.key.recipient()),
                                .sealed_secret = lines.sealed_secret};
    TRY(take(sign(format::to_json(stanza))));
    return take(lines.layout);
  }

  std::string sign(const format::Json& json) const {
    return format::sign_line(json, crypto::label::kManifestLine, header_hash_, uploader_->writer());
  }

  Result<void> take(const std::string& line) {
    TRY(reader_.next(line));
    return out_.text.write(line + '\n');
  }

  /// Each line of the last segment says how long it is, so one is enough.
  Result<void> find_end(std::uint64_t last_segment) {
    for (const auto& [place, piece] : TRY(pieces_of(world_.state, number_, layout_, last_segment)))
      if (piece.line.last) last_ = piece.line.last;
    if (!last_)
      return fail(Code::too_few_pieces,
                  fmt::format("no piece of it behind segment {} was found", last_segment));
    return {};
  }

  void note_holders(const KnownPieces& pieces) const {
    for (const auto& [place, piece] : pieces)
      for (const auto& found : piece.places)
        if (found.account != header_.uploader) world_.holders.note(found.host, piece.line.id, found.account);
  }

  std::uint32_t shards_of(const KnownPieces& pieces) const {
    std::set<std::uint32_t> shards;
    for (const auto& [place, piece] : pieces) shards.insert(place.shard);
    return static_cast<std::uint32_t>(shards.size());
  }

  Awaitable<Result<void>> remake(const transfer::SegmentJoiner& joiner, std::uint64_t segment, bool is_last,
                                 KnownPieces& pieces) {
    std::vector<Place> missing;
    for (std::uint32_t shard = 0; shard < layout_.shards(); ++shard)
      for (std::uint32_t mirror = 0; mirror < layout_.mirrors; ++mirror)
        if (const Place place{segment, shard, mirror}; !pieces.contains(place)) missing.push_back(place);
    PiecesOfHolders service(world_.service_of, world_.holders, header_.uploader);
    std::vector<transfer::PieceSource> sources;
    for (const auto& [place, piece] : pieces)
      for (const auto& found : piece.places)
        sources.push_back({piece.line, newest_address(found.host, {}, world_.hosts), &service});
    transfer::SegmentFetch fetch(world_.network, sources, layout_, world_.stopped);
    const std::vector<PieceId> any;
    Result<void> fetched = co_await fetch.get(any);
    out_.fetched_bytes += fetch.read_bytes();
    if (!fetched)
      co_return std::unexpected(std::move(fetched).error().in(fmt::format("segment {}", segment)));
    const auto bytes = is_last ? *last_ : layout_.segment_bytes();
    auto made = co_await world_.network.workers.run([&]() -> Result<void> {
      std::vector<transfer::PieceInHand> in_hand;
      for (auto& piece : fetch.pieces()) in_hand.push_back({piece.place, piece.bytes});
      const auto remade = TRY(joiner.remake(segment, bytes, in_hand, missing));
      for (std::size_t i = 0; i < missing.size(); ++i) {
        format::PieceLine line{.place = missing[i],
                               .size = static_cast<std::uint32_t>(remade[i].size()),
                               .id = proof::piece_id_of(remade[i]),
                               .last = is_last ? last_ : std::nullopt};
        auto text = sign(format::to_json(line));
        pieces[missing[i]] = {.line = std::move(line), .text = std::move(text), .places = {}};
        ++out_.remade_lines;
      }
      return {};
    });
    co_return made;
  }

  Result<void> write(const KnownPieces& pieces) {
    for (const auto& [place, piece] : pieces) {
      TRY(take(piece.text));
      ++out_.pieces;
    }
    for (const auto& [place, piece] : pieces)
      for (const auto& found : piece.places) {
        TRY(out_.text.write(place_line(world_, header_.uploader, place, found)));
        ++out_.places;
      }
    return {};
  }

  std::unexpected<Error> too_few(const std::vector<std::uint64_t>& lost) const {
    std::string what;
    for (std::size_t i = 0; i < std::min(lost.size(), kLostSegmentsNamedMax); ++i)
      what += fmt::format("{}{}", i == 0 ? "" : ", ", lost[i]);
    if (lost.size() > kLostSegmentsNamedMax) what += " and more";
    return fail(Code::too_few_pieces,
                fmt::format("fewer than {} shards were found of segment{} {}", layout_.k,
                            lost.size() == 1 ? "" : "s", what),
                "Hosts that did not answer, or are not in the list, may have more");
  }

  Result<void> end() {
    auto writer = TRY(format::ManifestWriter::resume(uploader_->writer(), std::move(reader_).take_chain()));
    return out_.text.write(writer.seal());
  }

  RecoverWorld& world_;
  std::size_t number_;
  format::ManifestReader reader_;
  format::Header header_;
  format::Layout layout_;
  std::optional<keys::UploaderKeys> uploader_;
  crypto::Hash header_hash_{};
  std::optional<std::uint64_t> last_;
  RebuiltManifest out_;
};

}  // namespace

Awaitable<Result<RebuiltManifest>> rebuild_manifest(RecoverWorld& world, std::size_t number) {
  Rebuild rebuild(world, number);
  co_return co_await rebuild.run();
}

Result<std::uint64_t> add_places(const RecoverWorld& world, const ManifestTable& manifest, ManifestText& to) {
  const auto number = world.state.find(manifest.chain().header_line, manifest.chain().layout_line);
  if (!number) return 0;
  std::uint64_t added = 0;
  const auto last_segment = world.state.last_segment(*number);
  for (std::uint64_t segment = 0; segment <= last_segment && segment < manifest.segments(); ++segment) {
    for (const auto& [place, piece] : TRY(pieces_of(world.state, *number, manifest.layout(), segment))) {
      if (place.shard >= manifest.layout().shards() || place.mirror >= manifest.layout().mirrors) continue;
      const auto known = manifest.number_of(place);
      if (manifest.id(known) != piece.line.id) continue;
      const auto hosts = manifest.hosts_of(known);
      for (const auto& found : piece.places) {
        if (found.account != manifest.header().uploader)
          world.holders.note(found.host, piece.line.id, found.account);
        const bool is_there = std::ranges::any_of(
            hosts, [&](std::uint32_t host) { return manifest.hosts()[host].id == found.host; });
        if (is_there) continue;
        TRY(to.write(place_line(world, manifest.header().uploader, place, found)));
        ++added;
      }
    }
  }
  return added;
}

Result<std::pair<format::Generation, format::PrivatePart>> open_found_file(const RecoverState& state,
                                                                           std::size_t number,
                                                                           const keys::Key& key) {
  const auto lines = TRY(state.lines(number));
  const auto header = TRY(read_line_as<format::Header>(lines.header));
  const auto secret = TRY(crypto::open_sealed(*key.recipient_secret(), lines.sealed_secret));
  auto generation = TRY(format::Generation::open(header, secret.view()));
  auto part = TRY(generation.open_private(header));
  return std::pair(std::move(generation), std::move(part));
}

}  // namespace inxt::client
