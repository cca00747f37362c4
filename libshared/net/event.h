// SPDX-License-Identifier: LGPL-3.0-or-later
// Something has changed, look again: what coroutines of one executor wait for.
#pragma once

#include <chrono>
#include <memory>

#include "net/async.h"

namespace inxt::net {

/// One thread.  Waiters loop: `while (!what_I_need()) co_await event.wait();`
class Event {
 public:
  explicit Event(const Executor& executor);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  /// Wakes all who wait now.
  void notify();
  /// Resumes at the next notify(), or when the waiting coroutine is cancelled.
  Awaitable<void> wait();
  /// Resumes after `time` at the latest.
  Awaitable<void> wait_for(std::chrono::milliseconds time);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace inxt::net
