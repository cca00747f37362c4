// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/segment_maker.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/ctr.h"
#include "proof/tree.h"

namespace inxt::client {
namespace {

// Pieces of full segments then start on pages, as O_DIRECT wants them.
constexpr std::size_t kAlignmentBytes = 4096;

std::size_t memory_needed(const format::Layout& layout) {
  return std::size_t{layout.pieces_per_segment()} * layout.shard_bytes;
}

ByteSpan aligned(Bytes& memory, std::size_t needed_bytes) {
  if (memory.size() < needed_bytes + kAlignmentBytes) {
    memory = {};  // first, so that the old and the new are not there together
    memory.resize(needed_bytes + kAlignmentBytes);
  }
  const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
  const std::size_t skip = (kAlignmentBytes - address % kAlignmentBytes) % kAlignmentBytes;
  return ByteSpan(memory).subspan(skip, needed_bytes);
}

}  // namespace

SegmentMaker::SegmentMaker(std::unique_ptr<ByteSource> ciphertext, const format::Layout& layout,
                           const FileId& file, erasure::Codec codec)
    : ciphertext_(std::move(ciphertext)), layout_(layout), file_(file), codec_(std::move(codec)) {}

Result<SegmentMaker> SegmentMaker::make(std::unique_ptr<ByteSource> ciphertext, const format::Layout& layout,
                                        const FileId& file) {
  CHECK_BUG(check_layout(layout).has_value());
  auto codec = TRY(erasure::Codec::make(layout.k, layout.m));
  return SegmentMaker(std::move(ciphertext), layout, file, std::move(codec));
}

Result<std::unique_ptr<Segment>> SegmentMaker::next(std::unique_ptr<Segment> reuse) {
  if (ended_) return nullptr;
  if (next_number_ == format::kSegmentsMax)
    return fail(Code::failure,
                fmt::format("the file has more than {} segments (kSegmentsMax)", format::kSegmentsMax),
                "larger shards make fewer segments");
  auto segment = reuse ? std::move(reuse) : std::make_unique<Segment>();
  segment->number = next_number_++;
  segment->pieces.clear();
  const auto memory = aligned(segment->memory, memory_needed(layout_));

  // A full segment is the last when nothing stands behind it: the byte that tells is kept for the next one.
  const auto data = memory.first(layout_.segment_bytes());
  std::ranges::copy(ahead_, data.begin());
  const std::size_t got = ahead_.size() + TRY(ciphertext_->read(data.subspan(ahead_.size())));
  ahead_.clear();
  if (got == data.size()) {
    ahead_.resize(1);
    ahead_.resize(TRY(ciphertext_->read(ahead_)));
  }
  segment->last = ended_ = ahead_.empty();
  segment->ciphertext_bytes = got;

  const std::size_t size = layout_.shard_size(got);
  std::ranges::fill(memory.subspan(got, size * layout_.k - got), std::byte{0});
  std::vector<ByteView> shards;
  std::vector<ByteSpan> parity;
  for (std::uint32_t i = 0; i < layout_.k; ++i) shards.push_back(memory.subspan(i * size, size));
  for (std::uint32_t i = 0; i < layout_.m; ++i)
    parity.push_back(memory.subspan((layout_.k + i) * size, size));
  if (layout_.m > 0) codec_.encode(shards, parity);

  // Mirrors go with a single shard: the copies stand behind it, and are made from it before it is sealed
  // itself.
  for (std::uint32_t mirror = 1; mirror < layout_.mirrors; ++mirror)
    std::ranges::copy(memory.first(size), memory.subspan(mirror * size, size).begin());

  for (std::uint32_t shard = 0; shard < layout_.shards(); ++shard) {
    for (std::uint32_t mirror = 0; mirror < layout_.mirrors; ++mirror) {
      const Place place{.segment = segment->number, .shard = shard, .mirror = mirror};
      const auto bytes = memory.subspan((std::size_t{shard} * layout_.mirrors + mirror) * size, size);
      crypto::Ctr(format::piece_seal_key(layout_, file_, place), 0).apply(bytes);
      segment->pieces.push_back(
          {.line = {.place = place,
                    .size = static_cast<std::uint32_t>(size),
                    .id = proof::piece_id_of(bytes),
                    .last = segment->last ? std::optional(segment->ciphertext_bytes) : std::nullopt},
           .bytes = bytes});
    }
  }
  return segment;
}

}  // namespace inxt::client
