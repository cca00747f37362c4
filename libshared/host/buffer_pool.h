// SPDX-License-Identifier: LGPL-3.0-or-later
// The memory that requests under way may use together.  Full-size buffers are kept for the next one: 2 MiB of
// fresh pages cost as much time as hashing them.
#pragma once

#include <memory>
#include <vector>

#include "store/stored_piece.h"

namespace inxt::host {

inline constexpr std::size_t kSpareBuffersMax = 8;  // kept of each kind

/// One thread.  REQUIRES: outlives its leases.
class BufferPool {
 public:
  explicit BufferPool(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  /// A part of the budget, given back when it dies.
  class Room {
   public:
    Room() = default;
    Room(Room&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    Room& operator=(Room&& other) noexcept;
    ~Room();

   private:
    friend class BufferPool;
    Room(BufferPool& pool, std::size_t bytes) : pool_(&pool), bytes_(bytes) {}
    BufferPool* pool_ = nullptr;
    std::size_t bytes_ = 0;
  };

  /// Gives its buffer back to the pool when it dies.
  template <class Buffer>
  class Lease {
   public:
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (buffer_) pool_->keep(std::move(buffer_));
    }
    Buffer& operator*() { return *buffer_; }
    Buffer* operator->() { return buffer_.get(); }

   private:
    friend class BufferPool;
    Lease(BufferPool& pool, Room room, std::unique_ptr<Buffer> buffer)
        : pool_(&pool), room_(std::move(room)), buffer_(std::move(buffer)) {}
    BufferPool* pool_;
    Room room_;
    std::unique_ptr<Buffer> buffer_;
  };

  /// Errors, of all three: try_again when buffer_bytes_max is used up.
  Result<Room> room(std::size_t bytes);
  Result<Lease<store::PieceBuffer>> piece_buffer(std::uint64_t size_bytes);
  /// For OpenPiece::read of `length_bytes`.
  Result<Lease<store::AlignedBuffer>> read_buffer(std::size_t length_bytes);

  std::size_t used_bytes() const { return used_bytes_; }

 private:
  void keep(std::unique_ptr<store::PieceBuffer> buffer);
  void keep(std::unique_ptr<store::AlignedBuffer> buffer);

  std::size_t bytes_max_;
  std::size_t used_bytes_ = 0;
  std::vector<std::unique_ptr<store::PieceBuffer>> spare_pieces_;
  std::vector<std::unique_ptr<store::AlignedBuffer>> spare_reads_;
};

}  // namespace inxt::host
