// SPDX-License-Identifier: LGPL-3.0-or-later
// Numbers from a seed of 32 bytes, the same on every machine: the key stream of AES-256-CTR under the seed,
// eight bytes big-endian a number.  Manual: inxt-placement(7), "Draws".
#pragma once

#include <array>

#include "crypto/ctr.h"

namespace inxt::plan {

class DrawStream {
 public:
  explicit DrawStream(const ByteArray<32>& seed) : stream_(seed, 0) {}

  std::uint64_t next() {
    if (at_ == buffer_.size()) {
      buffer_.fill(std::byte{0});
      stream_.apply(buffer_);
      at_ = 0;
    }
    at_ += 8;
    return from_big_endian<std::uint64_t>(ByteView(buffer_).subspan(at_ - 8, 8));
  }

  /// Uniform in [0, bound): numbers below 2^64 mod bound are passed over, of others the remainder counts.
  /// REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t passed_over = (std::uint64_t{0} - bound) % bound;
    for (;;)
      if (const std::uint64_t drawn = next(); drawn >= passed_over) return drawn % bound;
  }

 private:
  crypto::Ctr stream_;
  ByteArray<256> buffer_{};
  std::size_t at_ = buffer_.size();
};

}  // namespace inxt::plan
