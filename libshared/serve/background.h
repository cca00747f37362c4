// SPDX-License-Identifier: LGPL-3.0-or-later
// What a daemon does beside answering requests: reaping, scrubbing, saving an index.  Each such task is an
// `Awaitable<void> run_...(...)` in a file of its own, that loops over sleep_for() and jobs of the worker
// pool until it is cancelled; all of them are begun in one list (tools/inxt-host/tasks.cpp).
#pragma once

#include <memory>

#include "net/async.h"

namespace inxt::serve {

/// One thread: the executor's.
class Background {
 public:
  explicit Background(const net::Executor& executor);
  ~Background();  // REQUIRES: stop() has resumed, or the executor runs no more
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// Begins `task` at the next turn of the loop.
  void start(net::Awaitable<void> task);
  /// Cancels all tasks (the next co_await of each throws) and resumes when they have ended; a job that is on
  /// the pool is waited for.
  net::Awaitable<void> stop();
  std::size_t running() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace inxt::serve
