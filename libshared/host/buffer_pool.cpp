// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/buffer_pool.h"

#include <fmt/format.h>

#include <new>

namespace inxt::host {

namespace {

constexpr std::size_t kReadBytesMax = proof::kPieceBytesMax + 2 * sys::kDirectAlignmentBytes;

std::unexpected<Error> used_up(std::size_t bytes_max) {
  return fail(Code::try_again,
              fmt::format("buffer_bytes_max ({} bytes) is in use by other requests", bytes_max));
}

/// A spare buffer, or a new one of `size_bytes`.
template <class Buffer>
std::unique_ptr<Buffer> take(std::vector<std::unique_ptr<Buffer>>& spare, bool is_full_size,
                             std::size_t size_bytes) {
  if (is_full_size && !spare.empty()) {
    std::unique_ptr<Buffer> buffer = std::move(spare.back());
    spare.pop_back();
    return buffer;
  }
  return std::make_unique<Buffer>(size_bytes);
}

}  // namespace

BufferPool::Room& BufferPool::Room::operator=(Room&& other) noexcept {
  std::swap(pool_, other.pool_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

BufferPool::Room::~Room() {
  if (pool_ != nullptr) pool_->used_bytes_ -= bytes_;
}

Result<BufferPool::Room> BufferPool::room(std::size_t bytes) {
  if (bytes > bytes_max_ - used_bytes_) return used_up(bytes_max_);
  used_bytes_ += bytes;
  return Room(*this, bytes);
}

Result<BufferPool::Lease<store::PieceBuffer>> BufferPool::piece_buffer(std::uint64_t size_bytes) {
  Room part = TRY(room(static_cast<std::size_t>(store::file_bytes(size_bytes))));
  try {
    auto buffer =
        take(spare_pieces_, size_bytes == proof::kPieceBytesMax, static_cast<std::size_t>(size_bytes));
    return Lease<store::PieceBuffer>(*this, std::move(part), std::move(buffer));
  } catch (const std::bad_alloc&) {
    return used_up(bytes_max_);
  }
}

Result<BufferPool::Lease<store::AlignedBuffer>> BufferPool::read_buffer(std::size_t length_bytes) {
  std::size_t bytes = store::AlignedBuffer::rounded_up(length_bytes) + 2 * sys::kDirectAlignmentBytes;
  if (bytes > kReadBytesMax / 2) bytes = kReadBytesMax;  // large ones have one size, so that they can be kept
  Room part = TRY(room(bytes));
  try {
    auto buffer = take(spare_reads_, bytes == kReadBytesMax, bytes);
    return Lease<store::AlignedBuffer>(*this, std::move(part), std::move(buffer));
  } catch (const std::bad_alloc&) {
    return used_up(bytes_max_);
  }
}

void BufferPool::keep(std::unique_ptr<store::PieceBuffer> buffer) {
  if (buffer->size_bytes() == proof::kPieceBytesMax && spare_pieces_.size() < kSpareBuffersMax)
    spare_pieces_.push_back(std::move(buffer));
}

void BufferPool::keep(std::unique_ptr<store::AlignedBuffer> buffer) {
  if (buffer->size_bytes() == kReadBytesMax && spare_reads_.size() < kSpareBuffersMax)
    spare_reads_.push_back(std::move(buffer));
}

}  // namespace inxt::host
