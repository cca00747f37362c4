// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/decrypt.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/ctr.h"
#include "proof/tree.h"

namespace inxt::client {
namespace {

constexpr std::size_t kPumpBytes = 1024 * 1024;

}  // namespace

Result<void> CheckedCiphertext::load() {
  const auto differs = [&](std::string_view how) {
    return fail(Code::integrity, fmt::format("the ciphertext {} in segment {}", how, next_),
                "is it the one that this manifest describes?");
  };
  const auto& layout = manifest_.layout();
  const auto bytes = static_cast<std::size_t>(manifest_.ciphertext_bytes(next_));
  const std::size_t size = layout.shard_size(bytes);
  if (segment_.size() < size * layout.k) segment_.resize(size * layout.k);
  const auto segment = ByteSpan(segment_).first(size * layout.k);
  if (TRY(ciphertext_.read(segment.first(bytes))) < bytes) return differs("ends");
  std::ranges::fill(segment.subspan(bytes), std::byte{0});
  sealed_.resize(size);
  for (std::uint32_t shard = 0; shard < layout.k; ++shard) {
    const Place place{.segment = next_, .shard = shard, .mirror = 0};
    crypto::Ctr(format::piece_seal_key(layout, manifest_.header().file, place), 0)
        .apply(segment.subspan(shard * size, size), sealed_);
    if (proof::piece_id_of(sealed_) != manifest_.id(manifest_.number_of(place))) return differs("differs");
  }
  ++next_;
  segment_at_ = 0;
  segment_end_ = bytes;
  return {};
}

Result<std::size_t> CheckedCiphertext::read(ByteSpan out) {
  std::size_t done = 0;
  while (done < out.size() && !ended_) {
    if (segment_at_ == segment_end_) {
      if (next_ < manifest_.segments()) {
        TRY(load());
        continue;
      }
      ended_ = true;
      std::byte more{};
      if (TRY(ciphertext_.read({&more, 1})) != 0)
        return fail(Code::integrity, "the ciphertext is longer than the manifest says");
      break;
    }
    const std::size_t count = std::min(out.size() - done, segment_end_ - segment_at_);
    std::copy_n(segment_.begin() + static_cast<std::ptrdiff_t>(segment_at_), count,
                out.begin() + static_cast<std::ptrdiff_t>(done));
    segment_at_ += count;
    done += count;
  }
  return done;
}

Result<void> pump(ByteSource& from, ByteSink& to, const StageCallbacks& callbacks) {
  Bytes buffer(kPumpBytes);
  for (;;) {
    if (callbacks.stopped && callbacks.stopped()) return fail(Code::failure, "stopped");
    const std::size_t got = TRY(from.read(buffer));
    if (got > 0) TRY(to.write(ByteView(buffer).first(got)));
    if (callbacks.on_progress) callbacks.on_progress(got);
    if (got < buffer.size()) return to.finish();
  }
}

}  // namespace inxt::client
