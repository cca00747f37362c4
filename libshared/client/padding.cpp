// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/padding.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace inxt::client {
namespace {

constexpr std::byte kMarker{0x80};

}  // namespace

std::uint64_t padme(std::uint64_t length) {
  CHECK_BUG(length <= std::uint64_t{1} << 62);
  if (length < 2) return length;
  const auto exponent = static_cast<unsigned>(std::bit_width(length) - 1);  // floor(log2 length)
  const auto kept = static_cast<unsigned>(std::bit_width(exponent));        // floor(log2 exponent) + 1
  const std::uint64_t mask = (std::uint64_t{1} << (exponent - kept)) - 1;
  return (length + mask) & ~mask;
}

Result<std::size_t> PadSource::read(ByteSpan out) {
  std::size_t done = 0;
  if (!data_ended_) {
    done = TRY(data_->read(out));
    data_bytes_ += done;
    if (done == out.size()) return done;
    data_ended_ = true;
    zeros_due_ = padme(data_bytes_ + 1) - data_bytes_ - 1;
  }
  if (marker_due_ && done < out.size()) {
    out[done++] = kMarker;
    marker_due_ = false;
  }
  const auto zeros = static_cast<std::size_t>(std::min<std::uint64_t>(zeros_due_, out.size() - done));
  std::ranges::fill(out.subspan(done, zeros), std::byte{0});
  zeros_due_ -= zeros;
  return done + zeros;
}

Result<void> UnpadSink::pass(ByteView bytes) {
  data_bytes_ += bytes.size();
  return data_->write(bytes);
}

Result<void> UnpadSink::release_held() {
  if (!marker_held_) return {};
  marker_held_ = false;
  TRY(pass({&kMarker, 1}));
  static constexpr ByteArray<4096> kZeros{};
  while (zeros_held_ > 0) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(zeros_held_, kZeros.size()));
    TRY(pass(ByteView(kZeros).first(count)));
    zeros_held_ -= count;
  }
  return {};
}

Result<void> UnpadSink::write(ByteView bytes) {
  std::size_t end = bytes.size();  // behind the last byte that is not zero
  while (end > 0 && bytes[end - 1] == std::byte{0}) --end;
  const std::size_t zeros = bytes.size() - end;
  if (end == 0) {
    if (!marker_held_) return bytes.empty() ? Result<void>{} : pass(bytes);
    zeros_held_ += zeros;
    return {};
  }
  TRY(release_held());
  if (bytes[end - 1] != kMarker) return pass(bytes);
  if (end > 1) TRY(pass(bytes.first(end - 1)));
  marker_held_ = true;
  zeros_held_ = zeros;
  return {};
}

Result<void> UnpadSink::finish() {
  if (!marker_held_) return fail(Code::integrity, "the padding is missing");
  if (data_bytes_ + 1 + zeros_held_ != padme(data_bytes_ + 1))
    return fail(Code::integrity, "the padding has another length than it should");
  return data_->finish();
}

}  // namespace inxt::client
