// SPDX-License-Identifier: LGPL-3.0-or-later
// At most so many at once, and the others in turns: whoever waits under one key takes turns with those of
// other keys, whatever each of them has waiting.  For the sources of this room.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "net/async.h"

namespace inxt::net {

/// One thread.
class Turns {
  struct State;

 public:
  /// `per_key_max`: at once under one key.
  Turns(const Executor& executor, std::size_t at_once_max, std::size_t per_key_max);
  /// Whoever waits gets none.
  ~Turns();
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  /// Held while the work is done; empty where there was no turn.
  class Turn {
   public:
    Turn() = default;
    Turn(Turn&& other) noexcept = default;
    Turn& operator=(Turn&& other) noexcept {
      std::swap(state_, other.state_);
      std::swap(key_, other.key_);
      return *this;
    }
    ~Turn();
    explicit operator bool() const { return state_ != nullptr; }

   private:
    friend class Turns;
    Turn(std::shared_ptr<State> state, std::string key) : state_(std::move(state)), key_(std::move(key)) {}
    std::shared_ptr<State> state_;
    std::string key_;
  };

  /// Waits for a turn, for `time` at most.
  Awaitable<Turn> take(std::string key, std::chrono::milliseconds time);
  std::size_t waiting() const;
  std::size_t taken() const;
  /// Whoever waits, now or later, gets none.
  void close();

 private:
  std::shared_ptr<State> state_;
};

}  // namespace inxt::net
