// SPDX-License-Identifier: LGPL-3.0-or-later
// Memory that O_DIRECT takes: whole disk pages at page boundaries.
#pragma once

#include <cstdlib>
#include <memory>
#include <new>

#include "base/bytes.h"
#include "sys/directory.h"

namespace inxt::store {

/// Bytes, not initialised, whose address and true size are multiples of sys::kDirectAlignmentBytes.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  /// At least `size_bytes`, rounded up.  Throws std::bad_alloc.
  explicit AlignedBuffer(std::size_t size_bytes) : size_bytes_(rounded_up(size_bytes)) {
    if (size_bytes_ == 0) return;
    bytes_.reset(static_cast<std::byte*>(std::aligned_alloc(sys::kDirectAlignmentBytes, size_bytes_)));
    if (!bytes_) throw std::bad_alloc();
  }

  ByteSpan bytes() { return {bytes_.get(), size_bytes_}; }
  ByteView bytes() const { return {bytes_.get(), size_bytes_}; }
  std::size_t size_bytes() const { return size_bytes_; }

  static constexpr std::size_t rounded_up(std::size_t size_bytes) {
    return (size_bytes + sys::kDirectAlignmentBytes - 1) / sys::kDirectAlignmentBytes *
           sys::kDirectAlignmentBytes;
  }

 private:
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };
  std::unique_ptr<std::byte[], Free> bytes_;
  std::size_t size_bytes_ = 0;
};

}  // namespace inxt::store
