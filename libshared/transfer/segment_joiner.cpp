// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/segment_joiner.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/ctr.h"
#include "proof/tree.h"

namespace inxt::transfer {
namespace {

std::string text_of_place(const Place& place) {
  return fmt::format("piece {}/{}/{}", place.segment, place.shard, place.mirror);
}

}  // namespace

Result<void> check_piece(const format::PieceLine& line, ByteView bytes) {
  if (bytes.size() != line.size)
    return fail(Code::integrity, fmt::format("{}: {} bytes where the manifest says {}",
                                             text_of_place(line.place), bytes.size(), line.size));
  if (proof::piece_id_of(bytes) != line.id)
    return fail(Code::integrity, fmt::format("{}: not the bytes that were signed (its id differs)",
                                             text_of_place(line.place)));
  return {};
}

Result<SegmentJoiner> SegmentJoiner::make(const format::Layout& layout, const FileId& file) {
  TRY(check_layout(layout));
  return SegmentJoiner(layout, file, TRY(erasure::Codec::make(layout.k, layout.m)));
}

Result<std::vector<ByteView>> SegmentJoiner::unseal(std::uint64_t number, std::uint32_t shard_bytes,
                                                    std::span<const PieceInHand> pieces) const {
  std::vector<const PieceInHand*> chosen(layout_.shards());
  std::uint32_t there = 0;
  for (const auto& piece : pieces) {
    CHECK_BUG(piece.place.segment == number && piece.place.shard < layout_.shards());
    if (piece.bytes.size() != shard_bytes)
      return fail(Code::integrity, fmt::format("{}: {} bytes where the layout makes it {}",
                                               text_of_place(piece.place), piece.bytes.size(), shard_bytes));
    auto& slot = chosen[piece.place.shard];
    if (slot == nullptr) {
      slot = &piece;
      ++there;
    }
  }
  if (there < layout_.k)
    return fail(Code::too_few_pieces, fmt::format("segment {}: {} of its {} shards are there, {} are needed",
                                                  number, there, layout_.shards(), layout_.k));

  std::vector<ByteView> shards(layout_.shards());
  for (std::uint32_t shard = 0, used = 0; shard < layout_.shards() && used < layout_.k; ++shard) {
    if (chosen[shard] == nullptr) continue;
    crypto::Ctr(format::piece_seal_key(layout_, file_, chosen[shard]->place), 0).apply(chosen[shard]->bytes);
    shards[shard] = chosen[shard]->bytes;
    ++used;
  }
  return shards;
}

Result<std::vector<ByteView>> SegmentJoiner::join(std::uint64_t number, std::uint64_t ciphertext_bytes,
                                                  std::span<const PieceInHand> pieces, Bytes& room) const {
  const auto size = layout_.shard_size(ciphertext_bytes);
  auto shards = TRY(unseal(number, size, pieces));

  const auto data = std::span(shards).first(layout_.k);
  const auto missing = static_cast<std::size_t>(std::ranges::count_if(data, &ByteView::empty));
  if (missing > 0) {
    if (room.size() < missing * size) room.resize(missing * size);
    std::vector<erasure::Wanted> wanted;
    for (std::uint32_t shard = 0; shard < layout_.k; ++shard)
      if (shards[shard].empty())
        wanted.push_back({.shard = shard, .out = ByteSpan(room).subspan(wanted.size() * size, size)});
    TRY(codec_.rebuild(shards, wanted));
    for (const auto& rebuilt : wanted) shards[rebuilt.shard] = rebuilt.out;
  }

  std::vector<ByteView> views;
  std::uint64_t rest = ciphertext_bytes;
  for (const auto& shard : data) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(rest, size));
    if (count > 0) views.push_back(shard.first(count));
    rest -= count;
  }
  return views;
}

Result<std::vector<Bytes>> SegmentJoiner::remake(std::uint64_t number, std::uint64_t ciphertext_bytes,
                                                 std::span<const PieceInHand> pieces,
                                                 std::span<const Place> wanted) const {
  const auto size = layout_.shard_size(ciphertext_bytes);
  const auto shards = TRY(unseal(number, size, pieces));
  std::vector<Bytes> made(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& place = wanted[i];
    CHECK_BUG(place.segment == number && place.shard < layout_.shards() && place.mirror < layout_.mirrors);
    if (!shards[place.shard].empty()) {
      made[i] = copy_of(shards[place.shard]);
    } else {
      made[i].resize(size);
      const erasure::Wanted one{.shard = place.shard, .out = made[i]};
      TRY(codec_.rebuild(shards, std::span(&one, 1)));
    }
    crypto::Ctr(format::piece_seal_key(layout_, file_, place), 0).apply(made[i]);
  }
  return made;
}

}  // namespace inxt::transfer
