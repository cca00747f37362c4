// SPDX-License-Identifier: LGPL-3.0-or-later
// Who writes next: threads that come while a commit waits for its disk are served together by one of them, in
// the order in which they came.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "database/limits.h"

namespace inxt::database {

/// Thread-safe.  Job is what a thread waits for.
template <class Job>
class WriteQueue {
 public:
  using Serve = std::function<void(std::span<Job* const>)>;

  /// `serve` does the jobs of one group; one thread at a time, one of those whose jobs they are.
  WriteQueue(const Limits& limits, Serve serve) : limits_(limits), serve_(std::move(serve)) {}

  /// Returns true when the job is done, or false when its turn has not come for connection_wait_ms.
  bool run(Job& job) {
    Waiting mine{.job = &job, .woken = {}, .done = false, .taken = false};
    std::unique_lock lock(mutex_);
    waiting_.push_back(&mine);
    const auto is_next = [&] { return mine.done || (!serving_ && waiting_.front() == &mine); };
    mine.woken.wait_for(lock, std::chrono::milliseconds(limits_.connection_wait_ms),
                        [&] { return mine.taken || is_next(); });
    if (mine.taken) mine.woken.wait(lock, [&] { return mine.done; });
    if (mine.done) return true;
    if (!is_next()) {
      std::erase(waiting_, &mine);
      return false;
    }
    serve_group(lock);
    return true;
  }

 private:
  struct Waiting {
    Job* job;
    std::condition_variable woken;
    bool done;
    bool taken;  // by a group that is being served
  };

  void serve_group(std::unique_lock<std::mutex>& lock) {
    serving_ = true;
    std::vector<Waiting*> group;
    std::vector<Job*> jobs;
    while (!waiting_.empty() && group.size() < limits_.group_max) {
      group.push_back(waiting_.front());
      jobs.push_back(waiting_.front()->job);
      waiting_.front()->taken = true;
      waiting_.pop_front();
    }
    lock.unlock();
    serve_(jobs);
    lock.lock();
    serving_ = false;
    for (Waiting* one : group) {
      one->done = true;
      one->woken.notify_one();  // it cannot go away before the lock is given up
    }
    if (!waiting_.empty()) waiting_.front()->woken.notify_one();
  }

  const Limits limits_;
  const Serve serve_;
  std::mutex mutex_;
  std::deque<Waiting*> waiting_;
  bool serving_ = false;
};

}  // namespace inxt::database
