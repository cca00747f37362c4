// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/buffer_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "host/limits.h"

namespace inxt::host {

namespace {

constexpr std::size_t kSpareReadsMax = 64;  // 16 MiB
constexpr std::size_t kFreeShares = 4;  // of what is free, a peer may hold one
constexpr std::size_t kReadBytesMax =
    kGetPartBytes + 2 * sys::kDirectAlignmentBytes;  // of those that are kept

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
  std::swap(peer_, other.peer_);
  return *this;
}

BufferPool::Room::~Room() {
  if (pool_ == nullptr) return;
  pool_->used_bytes_ -= bytes_;
  if (peer_ == nullptr) return;
  pool_->body_bytes_ -= bytes_;
  peer_->second -= bytes_;
  if (peer_->second == 0) pool_->bytes_of_.erase(peer_->first);
}

Result<BufferPool::Room> BufferPool::room(std::size_t bytes) {
  if (used_bytes_ + bytes > bytes_max_) return used_up(bytes_max_);
  used_bytes_ += bytes;
  return Room(*this, bytes, nullptr);
}

Result<BufferPool::Room> BufferPool::body_room(std::size_t bytes, const std::string& peer) {
  const std::size_t share = bytes_max_ / kBufferShares;
  const std::size_t bodies_max = bytes_max_ - share;
  const bool is_full = used_bytes_ + bytes > bytes_max_ || body_bytes_ + bytes > bodies_max;
  if ((is_full || body_bytes_ > bodies_max / 4 * 3) && on_short_) on_short_();
  if (is_full) return used_up(bytes_max_);
  // The fuller it is, the less may one peer hold, so that however many hold what they may, some is left for
  // one who has nothing yet.
  const std::size_t used_of_peer = used_bytes_of(peer);
  const std::size_t most = std::min(share, (bodies_max - body_bytes_) / kFreeShares);
  if (used_bytes_ + bytes > bytes_max_ / 2 && used_of_peer > 0 && used_of_peer + bytes > most)
    return fail(Code::try_again,
                fmt::format("buffer_bytes_per_peer_max ({} bytes) is in use by requests of yours", most));
  const auto entry = bytes_of_.try_emplace(peer, 0).first;
  entry->second += bytes;
  used_bytes_ += bytes;
  body_bytes_ += bytes;
  return Room(*this, bytes, &*entry);
}

std::size_t BufferPool::used_bytes_of(std::string_view peer) const {
  const auto entry = bytes_of_.find(peer);
  return entry == bytes_of_.end() ? 0 : entry->second;
}

Result<BufferPool::Lease<store::PieceBuffer>> BufferPool::piece_buffer(std::uint64_t size_bytes,
                                                                       const std::string& peer) {
  Room part = TRY(body_room(static_cast<std::size_t>(store::file_bytes(size_bytes)), peer));
  try {
    auto buffer =
        take(spare_pieces_, size_bytes == proof::kPieceBytesMax, static_cast<std::size_t>(size_bytes));
    return Lease<store::PieceBuffer>(*this, std::move(part), std::move(buffer));
  } catch (const std::bad_alloc&) {
    return used_up(bytes_max_);
  }
}

Result<BufferPool::Lease<store::AlignedBuffer>> BufferPool::read_buffer(std::size_t length_bytes,
                                                                        const std::string& peer) {
  std::size_t bytes = store::AlignedBuffer::rounded_up(length_bytes) + 2 * sys::kDirectAlignmentBytes;
  // Large ones have one size, so that they can be kept.
  if (bytes > kReadBytesMax / 2 && bytes <= kReadBytesMax) bytes = kReadBytesMax;
  Room part = TRY(length_bytes <= kSmallAnswerBytesMax ? room(bytes) : body_room(bytes, peer));
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
  if (buffer->size_bytes() == kReadBytesMax && spare_reads_.size() < kSpareReadsMax)
    spare_reads_.push_back(std::move(buffer));
}

}  // namespace inxt::host
