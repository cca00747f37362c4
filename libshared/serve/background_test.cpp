// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/background.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "net/event_loop.h"
#include "net/worker_pool.h"

namespace inxt::serve {
namespace {

using namespace std::chrono_literals;

net::Awaitable<void> count_for_ever(int& turns) {
  for (;;) {
    ++turns;
    co_await net::sleep_for(1ms);
  }
}

net::Awaitable<void> sleep_long() {
  co_await net::sleep_for(24h);
}

net::Awaitable<void> end_at_once() {
  co_return;
}

net::Awaitable<void> work_for_ever(net::WorkerPool& workers, std::atomic<int>& in_work) {
  for (;;) {
    const auto job = [&in_work] {
      ++in_work;
      std::this_thread::sleep_for(20ms);
      --in_work;
    };
    (void)co_await workers.run(job);
  }
}

TEST_CASE("tasks run until stop(), which waits for their jobs") {
  net::EventLoop loop;
  net::WorkerPool workers;
  Background background(loop.executor());
  int turns = 0;
  std::atomic<int> in_work = 0;
  background.start(count_for_ever(turns));
  background.start(sleep_long());
  background.start(end_at_once());
  background.start(work_for_ever(workers, in_work));
  CHECK(background.running() == 4);
  loop.run(net::sleep_for(50ms));
  CHECK(background.running() == 3);
  CHECK(turns > 1);
  loop.run(background.stop());
  CHECK(background.running() == 0);
  CHECK(in_work == 0);
  const int then = turns;
  loop.run(net::sleep_for(10ms));
  CHECK(turns == then);
}

TEST_CASE("a task that has not begun yet is stopped like the others") {
  net::EventLoop loop;
  Background background(loop.executor());
  int turns = 0;
  background.start(count_for_ever(turns));
  loop.run(background.stop());
  CHECK(background.running() == 0);
  loop.run(net::sleep_for(10ms));
  CHECK(turns <= 2);  // it begins, its first wait ends at once, its second throws
}

}  // namespace
}  // namespace inxt::serve
