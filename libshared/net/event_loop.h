// SPDX-License-Identifier: LGPL-3.0-or-later
// The loop that runs a program's coroutines, on the thread that calls it.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>

#include "net/async.h"

namespace inxt::net {

class EventLoop {
 public:
  EventLoop();
  /// Coroutines that are still suspended are destroyed where they stand.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  Executor executor();

  /// Runs the loop until `coroutine` has ended, and gives what it returned.  Other coroutines run meanwhile
  /// and may stay. Exceptions out of it pass through.  REQUIRES: not called from within the loop.
  template <class T>
  T run(Awaitable<T> coroutine) {
    std::optional<T> value;
    run_until_done(store(std::move(coroutine), value));
    return *std::move(value);
  }
  void run(Awaitable<void> coroutine) { run_until_done(std::move(coroutine)); }

  /// Runs until nothing is left to do, or stop() is called.
  void run();
  /// Thread-safe.
  void stop();

 private:
  template <class T>
  static Awaitable<void> store(Awaitable<T> coroutine, std::optional<T>& value) {
    value.emplace(co_await std::move(coroutine));
  }
  void run_until_done(Awaitable<void> coroutine);

  struct State;
  std::unique_ptr<State> state_;
};

/// The process's signals of some numbers: while this object lives they do nothing but wake next().
class Signals {
 public:
  Signals(const Executor& executor, std::initializer_list<int> numbers);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// The next one's number; one that came since the last call is not lost.  Cancelled: gives 0.
  Awaitable<int> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inxt::net
