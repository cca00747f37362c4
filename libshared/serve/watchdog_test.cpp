// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/watchdog.h"

#include <doctest/doctest.h>

#include <semaphore>

#include "net/event_loop.h"
#include "serve/background.h"

namespace inxt::serve {
namespace {

using namespace std::chrono_literals;

TEST_CASE("the watchdog hears of a Host whose loop and pool answer") {
  net::EventLoop loop;
  net::WorkerPool workers({.threads = 1, .queued_max = 4});
  Background background(loop.executor());
  int told = 0;
  background.start(run_watchdog(workers, 30ms, [&told] { ++told; }));
  loop.run(net::sleep_for(300ms));
  CHECK(told >= 3);
  CHECK(told <= 31);

  // Every thread of the pool hangs: nothing is told however often the loop turns.
  std::binary_semaphore go_on(0);
  auto hang = [](net::WorkerPool& pool, std::binary_semaphore& until) -> net::Awaitable<void> {
    const auto job = [&until] { until.acquire(); };
    (void)co_await pool.run(job);
  };
  background.start(hang(workers, go_on));
  loop.run(net::sleep_for(50ms));
  const int then = told;
  loop.run(net::sleep_for(200ms));
  CHECK(told == then);

  go_on.release();
  loop.run(net::sleep_for(200ms));
  CHECK(told > then);
  loop.run(background.stop());
}

}  // namespace
}  // namespace inxt::serve
