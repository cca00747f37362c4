// SPDX-License-Identifier: LGPL-3.0-or-later
// A limit on bytes a second for many connections together: a token bucket whose turns go round in the order
// of asking, so that each connection that has something to move gets the same share.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "net/async.h"

namespace inxt::net {

inline constexpr std::size_t kThrottleSliceBytesMax = 64 * 1024;  // what one turn passes at most

/// One thread.  REQUIRES: outlives the waits on it, or the executor runs no more.
class Throttle {
 public:
  explicit Throttle(const Executor& executor);
  ~Throttle();
  Throttle(const Throttle&) = delete;
  Throttle& operator=(const Throttle&) = delete;

  /// From now on, also for those who wait.  nullopt: no limit.  0 is taken as 1: nothing passes for years.
  void set_rate(std::optional<std::uint64_t> bytes_per_s);
  std::optional<std::uint64_t> rate() const;

  /// Waits for a turn and gives how many bytes may pass in it: at least 1, at most bytes_wanted and
  /// kThrottleSliceBytesMax; fewer where the rate is low and many wait, so that all of them make progress.
  /// Without a limit: bytes_wanted, at once.  REQUIRES: bytes_wanted > 0.
  Awaitable<std::size_t> pass(std::size_t bytes_wanted);
  /// Whoever waits now gets their turn at once: their connections are being closed.
  void let_all_pass();
  std::size_t waiting() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace inxt::net
