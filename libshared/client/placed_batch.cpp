// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/placed_batch.h"

#include <algorithm>
#include <bit>

namespace inxt::client {

using net::Awaitable;

namespace {

/// A file that is one segment of a placement of many.
class PlacedFile final : public SegmentHostSource {
 public:
  PlacedFile(PlacedHosts& placed, std::uint64_t first, std::uint64_t end)
      : placed_(placed), first_(first), end_(end) {}

  Awaitable<Result<SegmentHosts>> hosts_of(std::uint64_t segment, const format::Chain& chain) override {
    return placed_.hosts_of(at(segment), chain);
  }
  const format::Descriptor& describe(const HostId& host) const override { return placed_.describe(host); }
  Awaitable<Result<void>> admit(std::uint64_t segment, const HostId& host, std::uint32_t size) override {
    return placed_.admit(at(segment), host, size);
  }

 private:
  /// A file that has grown since has more segments than were announced for it: they go where its neighbours'
  /// go.
  std::uint64_t at(std::uint64_t segment) const { return std::min(first_ + segment, end_ - 1); }

  PlacedHosts& placed_;
  std::uint64_t first_, end_;
};

}  // namespace

std::uint64_t PlacedBatch::class_of(std::uint64_t bytes) {
  return std::max<std::uint64_t>(std::bit_ceil(bytes), format::kShardBytesStep);
}

Awaitable<Result<format::Layout>> PlacedBatch::layout_for(std::uint64_t bytes) {
  format::Layout layout;
  if (wanted_.layout) {
    layout = *wanted_.layout;
  } else {
    format::PlacementWish wish;
    random_.fill(wish.id);
    wish.bytes = bytes;
    wish.price_max = wanted_.price_max;
    wish.allow = wanted_.allow;
    wish.reserve = false;
    CO_TRY(const auto given, co_await bridge_.place(wish));
    layout = given.layout;
  }
  if (!wanted_.is_shard_size_fixed) {
    const auto shard = (bytes + layout.k - 1) / layout.k;
    const auto rounded =
        (shard + format::kShardBytesStep - 1) / format::kShardBytesStep * format::kShardBytesStep;
    layout.shard_bytes = std::min(layout.shard_bytes, static_cast<std::uint32_t>(rounded));
  }
  layout.seal_key = {};
  co_return layout;
}

Awaitable<Result<void>> PlacedBatch::place(std::uint64_t bytes, Size& size) {
  CO_TRY(const auto layout, co_await layout_for(bytes));
  PlacementWanted wanted;
  wanted.ciphertext_bytes = size.files * layout.segment_bytes();
  wanted.price_max = wanted_.price_max;
  wanted.allow = wanted_.allow;
  if (wanted_.vouchers != nullptr)
    wanted.on_voucher = [to = wanted_.vouchers](const HostId& host, const std::string& token) {
      to->take(host, token);
    };
  auto placed = std::make_unique<PlacedHosts>(bridge_, executor_, uploader_, clock_, std::move(wanted));
  FileId name;  // of no file: the placement is named by it
  random_.fill(name.bytes);
  const std::optional<format::Layout> asked = layout;
  CO_TRY(size.layout, co_await placed->begin(name, asked));
  size.placed = std::move(placed);
  co_return Result<void>{};
}

Awaitable<Result<PlacedBatch::Place>> PlacedBatch::begin(std::uint64_t ciphertext_bytes) {
  const auto bytes = class_of(ciphertext_bytes);
  auto& size = sizes_[bytes];
  if (!changed_) changed_ = std::make_unique<net::Event>(executor_);
  while (size.is_asking) co_await changed_->wait();
  if (!size.placed) {
    size.is_asking = true;
    Result<void> placed = co_await place(bytes, size);
    size.is_asking = false;
    changed_->notify();
    if (!placed) co_return std::unexpected(std::move(placed).error());
  }
  // Where a shard's size is said, a file of this class may be several segments.
  const auto segments = size.layout.segments(bytes);
  const auto first = std::min(size.begun++ * segments, size.files * segments - segments);
  Place out;
  out.hosts =
      std::make_unique<PlacedFile>(*size.placed, first, std::max<std::uint64_t>(size.files * segments, 1));
  out.layout = size.layout;
  co_return out;
}

Awaitable<void> PlacedBatch::end() {
  for (auto& [bytes, size] : sizes_)
    if (size.placed) co_await size.placed->end();
}

}  // namespace inxt::client
