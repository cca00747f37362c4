// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/worker_pool.h"

#include <doctest/doctest.h>

#include <atomic>
#include <semaphore>
#include <thread>

#include "net/event_loop.h"
#include "net/race.h"

namespace inxt::net {
namespace {

using namespace std::chrono_literals;

TEST_CASE("work runs on other threads and resumes on the loop's") {
  EventLoop loop;
  WorkerPool pool;
  const auto loop_thread = std::this_thread::get_id();
  const auto result = loop.run([](WorkerPool& workers, std::thread::id here) -> Awaitable<Result<int>> {
    auto owned = std::make_unique<int>(20);
    CO_TRY(const int value, co_await workers.run([&owned, here] {
      return std::this_thread::get_id() == here ? -1000 : *owned;
    }));
    int more = 0;
    CO_CHECK(co_await workers.run([&more] { more = 22; }));
    if (std::this_thread::get_id() != here) co_return -1;
    co_return value + more;
  }(pool, loop_thread));
  REQUIRE(result.has_value());
  CHECK(*result == 42);
}

TEST_CASE("an error of the work is the result") {
  EventLoop loop;
  WorkerPool pool;
  const auto result = loop.run(pool.run([]() -> Result<int> { return fail(Code::quota, "disk full"); }));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == Code::quota);
}

TEST_CASE("a full queue is an error that names its limit") {
  EventLoop loop;
  WorkerPool pool({.threads = 1, .queued_max = 2});
  std::counting_semaphore<16> gate(0);
  std::counting_semaphore<16> begun(0);
  int done = 0;
  int refused = 0;
  const auto job = [](WorkerPool& workers, std::counting_semaphore<16>& open,
                      std::counting_semaphore<16>& started, int& good, int& bad) -> Awaitable<void> {
    const Result<void> result = co_await workers.run([&open, &started] {
      started.release();
      open.acquire();
    });
    if (result) {
      ++good;
    } else {
      ++bad;
      CHECK(result.error().code == Code::try_again);
      CHECK(result.error().what.find("queued_max") != std::string::npos);
    }
  };
  spawn(loop.executor(), job(pool, gate, begun, done, refused));
  loop.run(sleep_for(0ms));
  begun.acquire();  // the only thread is busy now
  for (int i = 0; i < 5; ++i) spawn(loop.executor(), job(pool, gate, begun, done, refused));
  loop.run(sleep_for(1ms));
  CHECK(refused == 3);
  CHECK(pool.queued() == 2);
  gate.release(3);
  loop.run();
  CHECK(done == 3);
}

TEST_CASE("cancelled work is waited for, so that it may use the caller's frame") {
  EventLoop loop;
  WorkerPool pool({.threads = 1});
  std::atomic<bool> finished = false;
  const auto slow = [](WorkerPool& workers, std::atomic<bool>& ended) -> Awaitable<void> {
    int local = 0;
    const Result<void> done = co_await workers.run([&local, &ended] {
      std::this_thread::sleep_for(50ms);
      local = 1;
      ended = true;
    });
    CHECK(done.has_value());
    CHECK(local == 1);
  };
  loop.run([](Awaitable<void> work) -> Awaitable<void> {
    co_await (std::move(work) || sleep_for(1ms));
  }(slow(pool, finished)));
  CHECK(finished);
}

}  // namespace
}  // namespace inxt::net
