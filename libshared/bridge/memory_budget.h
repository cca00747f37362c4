// SPDX-License-Identifier: LGPL-3.0-or-later
// The memory that large bodies and answers under way may take together, and how peers share it: one who holds
// many bodies that never end leaves the others theirs.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/result.h"

namespace inxt::bridge {

inline constexpr std::size_t kMemoryBytesMax = std::size_t{128} << 20;
/// An eighth of it is for small bodies and answers; and once half of it is in use, no peer's may have more
/// than another eighth, or a quarter of what is free, or one body.
inline constexpr std::size_t kMemoryShares = 8;
inline constexpr std::size_t kMemoryFreeShares = 4;
inline constexpr std::size_t kSmallBytesMax = std::size_t{64} << 10;

/// One thread.  REQUIRES: outlives its rooms.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t bytes_max = kMemoryBytesMax) : bytes_max_(bytes_max) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  /// A part of the budget, given back when it dies.
  class Room {
   public:
    Room(Room&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), peer_(other.peer_), bytes_(other.bytes_) {}
    Room& operator=(Room&&) = delete;
    ~Room();

   private:
    friend class MemoryBudget;
    using Peers = std::map<std::string, std::size_t, std::less<>>;
    Room(MemoryBudget& budget, Peers::iterator peer, std::size_t bytes)
        : budget_(&budget), peer_(peer), bytes_(bytes) {}
    MemoryBudget* budget_;
    Peers::iterator peer_;
    std::size_t bytes_;
  };

  /// Errors: try_again when memory_bytes_max, or the peer's share of it (memory_bytes_per_peer_max), is used
  /// up.
  Result<Room> room(std::size_t bytes, const std::string& peer);

  /// Called whenever a large body asks and little or nothing is left: somebody may be holding it for no good.
  void on_short(std::function<void()> call) { on_short_ = std::move(call); }

  std::size_t bytes_max() const { return bytes_max_; }
  std::size_t used_bytes() const { return used_bytes_; }

 private:
  std::size_t bytes_max_;
  std::size_t used_bytes_ = 0;
  Room::Peers bytes_of_;  // of those who use some
  std::function<void()> on_short_;
};

}  // namespace inxt::bridge
