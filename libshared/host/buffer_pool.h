// SPDX-License-Identifier: LGPL-3.0-or-later
// The memory that requests under way may use together, and how peers share it: one who holds many bodies that
// never end leaves the others theirs (host/limits.h, kBufferShares).  Full-size buffers are kept for the next
// one: 2 MiB of fresh pages cost as much time as hashing them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
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

  /// From now on; what is in use already stays so.
  void set_bytes_max(std::size_t bytes_max) { bytes_max_ = bytes_max; }

  using BytesOf = std::map<std::string, std::size_t, std::less<>>;

  /// A part of the budget, given back when it dies.
  class Room {
   public:
    Room() = default;
    Room(Room&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          bytes_(std::exchange(other.bytes_, 0)),
          peer_(std::exchange(other.peer_, nullptr)) {}
    Room& operator=(Room&& other) noexcept;
    ~Room();

   private:
    friend class BufferPool;
    Room(BufferPool& pool, std::size_t bytes, BytesOf::value_type* peer)
        : pool_(&pool), bytes_(bytes), peer_(peer) {}
    BufferPool* pool_ = nullptr;
    std::size_t bytes_ = 0;
    BytesOf::value_type* peer_ = nullptr;  // whose body it is; none for a small answer
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

  /// For audits and lists.
  /// Errors, of all three: try_again when buffer_bytes_max, or the peer's share of it, is used up.
  Result<Room> room(std::size_t bytes);
  /// For a piece on its way in, of `peer`.
  Result<Lease<store::PieceBuffer>> piece_buffer(std::uint64_t size_bytes, const std::string& peer);
  /// For OpenPiece::read of `length_bytes`; up to kSmallAnswerBytesMax it is a small answer.
  Result<Lease<store::AlignedBuffer>> read_buffer(std::size_t length_bytes, const std::string& peer);

  /// Called whenever a body asks for room and little or nothing is left: somebody may be holding it for no
  /// good.
  void on_short(std::function<void()> call) { on_short_ = std::move(call); }

  std::size_t bytes_max() const { return bytes_max_; }
  std::size_t used_bytes() const { return used_bytes_; }
  std::size_t used_bytes_of(std::string_view peer) const;  // by bodies

 private:
  Result<Room> body_room(std::size_t bytes, const std::string& peer);
  void keep(std::unique_ptr<store::PieceBuffer> buffer);
  void keep(std::unique_ptr<store::AlignedBuffer> buffer);

  std::size_t bytes_max_;
  std::size_t used_bytes_ = 0;
  std::size_t body_bytes_ = 0;  // of them
  BytesOf bytes_of_;            // by peer
  std::function<void()> on_short_;
  std::vector<std::unique_ptr<store::PieceBuffer>> spare_pieces_;
  std::vector<std::unique_ptr<store::AlignedBuffer>> spare_reads_;
};

}  // namespace inxt::host
