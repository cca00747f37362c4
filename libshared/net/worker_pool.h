// SPDX-License-Identifier: LGPL-3.0-or-later
// Threads for disk and CPU work, so that the event loop never waits for either.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "base/result.h"
#include "net/async.h"

namespace inxt::net {

struct WorkerLimits {
  unsigned threads = 2;
  std::size_t queued_max = 1024;  // jobs that wait for a thread
};

namespace detail {
template <class T>
struct AsResult {
  using type = Result<T>;
};
template <class T>
struct AsResult<Result<T>> {
  using type = Result<T>;
};
}  // namespace detail

class WorkerPool {
 public:
  explicit WorkerPool(WorkerLimits limits = {});
  /// Does what is queued, then joins.  REQUIRES: the executors of those who wait still exist.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Calls `function` on a thread of the pool and resumes on the caller's executor with what it returned: T
  /// gives Result<T>, Result<T> stays what it is.  Once begun it is waited for, also when the coroutine is
  /// cancelled, so `function` may use the caller's frame.  It must not throw. Errors: try_again when
  /// queued_max jobs wait already; the function's own.
  template <class Function>
  auto run(Function function) -> Awaitable<typename detail::AsResult<std::invoke_result_t<Function&>>::type> {
    using Value = std::invoke_result_t<Function&>;
    static_assert(std::is_trivially_destructible_v<Function>,
                  "g++ 12 destroys a lambda within co_await twice (async.h): capture by reference");
    if constexpr (std::is_void_v<Value>) {
      return execute(std::move(function));
    } else {
      return run_for_value<Function, Value>(std::move(function));
    }
  }

  std::size_t queued() const;  // waiting now; thread-safe

 private:
  template <class Function, class Value>
  Awaitable<typename detail::AsResult<Value>::type> run_for_value(Function function) {
    std::optional<Value> value;
    std::move_only_function<void()> job = [&value, &function] { value.emplace(function()); };
    Result<void> done = co_await execute(std::move(job));
    if (!done) co_return std::unexpected(std::move(done).error());
    co_return *std::move(value);
  }
  Awaitable<Result<void>> execute(std::move_only_function<void()> job);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inxt::net
