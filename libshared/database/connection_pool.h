// SPDX-License-Identifier: LGPL-3.0-or-later
// A few connections for many threads: opened when they are needed, kept, and dropped when they broke.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "database/limits.h"

namespace inxt::database {

/// Thread-safe.
template <class Connection>
class ConnectionPool {
 public:
  using Open = std::function<Result<std::unique_ptr<Connection>>()>;

  /// A connection while it is used; goes back when it is destroyed.
  class Lease {
   public:
    Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->give_back(std::move(connection_));
    }
    /// Opens it, where it is new.  Errors: those of opening one.
    Result<void> fill() {
      if (!connection_) connection_ = TRY(pool_->open_());
      return {};
    }
    // REQUIRES: filled.
    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }
    /// Closes it instead of giving it back.
    void drop() { connection_.reset(); }

   private:
    ConnectionPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  ConnectionPool(const Limits& limits, Open open) : limits_(limits), open_(std::move(open)) {}

  /// One that was open already, or one to be filled.  Errors: try_again when none is free for
  /// connection_wait_ms.
  Result<Lease> take() {
    std::unique_lock lock(mutex_);
    const auto wait = std::chrono::milliseconds(limits_.connection_wait_ms);
    if (!changed_.wait_for(lock, wait,
                           [&] { return !idle_.empty() || open_count_ < limits_.connections_max; }))
      return fail(Code::try_again,
                  fmt::format("all connections to the database are in use (connections_max {}) for "
                              "longer than connection_wait_ms ({})",
                              limits_.connections_max, limits_.connection_wait_ms));
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(connection));
    }
    ++open_count_;
    return Lease(*this, nullptr);
  }

  /// Closes those that are not in use.
  void drop_idle() {
    std::vector<std::unique_ptr<Connection>> dropped;
    const std::lock_guard guard(mutex_);
    dropped.swap(idle_);
    open_count_ -= static_cast<unsigned>(dropped.size());
    changed_.notify_all();
  }

 private:
  void give_back(std::unique_ptr<Connection> connection) {
    const std::lock_guard guard(mutex_);
    if (connection)
      idle_.push_back(std::move(connection));
    else
      --open_count_;
    changed_.notify_one();
  }

  const Limits limits_;
  const Open open_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Connection>> idle_;
  unsigned open_count_ = 0;  // idle or in use
};

}  // namespace inxt::database
