// SPDX-License-Identifier: LGPL-3.0-or-later
// A coroutine that runs beside others and can be told to stop.
#pragma once

#include <memory>

#include "net/async.h"

namespace inxt::net {

/// A handle; the coroutine goes on when the handle is dropped.
class Task {
 public:
  Task() = default;
  /// As spawn(); begins at the next turn of the loop.
  static Task start(const Executor& executor, Awaitable<void> coroutine);

  /// Ends the wait it stands in: its next co_await throws.  Does nothing when it has ended.
  /// REQUIRES: called on the task's executor, not from within the task.
  void cancel();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace inxt::net
