// SPDX-License-Identifier: LGPL-3.0-or-later
// Counts what goes through: of standard input the length is known at the end only.
#pragma once

#include "client/byte_stream.h"

namespace inxt::client {

class CountingSource final : public ByteSource {
 public:
  /// `bytes` outlives it.
  CountingSource(std::unique_ptr<ByteSource> from, std::uint64_t& bytes)
      : from_(std::move(from)), bytes_(bytes) {}
  Result<std::size_t> read(ByteSpan out) override {
    const auto got = TRY(from_->read(out));
    bytes_ += got;
    return got;
  }

 private:
  std::unique_ptr<ByteSource> from_;
  std::uint64_t& bytes_;
};

}  // namespace inxt::client
