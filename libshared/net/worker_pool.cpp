// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/worker_pool.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace inxt::net {

struct WorkerPool::State {
  explicit State(WorkerLimits wanted) : limits(wanted) {}

  /// False when the queue is full.
  bool push(std::move_only_function<void()> job) {
    {
      const std::lock_guard lock(mutex);
      if (jobs.size() >= limits.queued_max + idle_threads) return false;
      jobs.push_back(std::move(job));
    }
    wake.notify_one();
    return true;
  }

  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      ++idle_threads;
      wake.wait(lock, [this] { return stopping || !jobs.empty(); });
      --idle_threads;
      if (jobs.empty()) return;
      std::move_only_function<void()> job = std::move(jobs.front());
      jobs.pop_front();
      lock.unlock();
      job();
      job = nullptr;
      lock.lock();
    }
  }

  const WorkerLimits limits;
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::move_only_function<void()>> jobs;
  std::size_t idle_threads = 0;
  bool stopping = false;
  std::vector<std::thread> threads;
};

WorkerPool::WorkerPool(WorkerLimits limits) : state_(std::make_unique<State>(limits)) {
  for (unsigned i = 0; i < std::max(1U, limits.threads); ++i)
    state_->threads.emplace_back([state = state_.get()] { state->work(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  for (std::thread& thread : state_->threads) thread.join();
}

std::size_t WorkerPool::queued() const {
  const std::lock_guard lock(state_->mutex);
  return state_->jobs.size();
}

Awaitable<Result<void>> WorkerPool::execute(std::move_only_function<void()> job) {
  // No cancellation slot is connected: once begun, the job is waited for.
  bool queued = true;
  auto start = [&](auto handler) {
    auto executor = asio::get_associated_executor(handler);
    auto resume = [handler = std::move(handler), guard = asio::make_work_guard(executor)]() mutable {
      asio::post(guard.get_executor(), std::move(handler));
      guard.reset();
    };
    auto shared = std::make_shared<decltype(resume)>(std::move(resume));
    queued = state_->push([&job, shared] {
      job();
      (*shared)();
    });
    if (!queued) (*shared)();
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable);
  if (!queued)
    co_return fail(Code::try_again,
                   fmt::format("{} jobs wait already (queued_max)", state_->limits.queued_max));
  co_return Result<void>();
}

}  // namespace inxt::net
