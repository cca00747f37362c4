// SPDX-License-Identifier: AGPL-3.0-or-later
// The parts that both databases are made of.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "database/connection_pool.h"
#include "database/retry.h"
#include "database/statement_cache.h"
#include "database/write_queue.h"

using namespace inxt;
using namespace inxt::database;

TEST_CASE("the cache keeps what was used last") {
  StatementCache<int> cache(2);
  std::vector<int> removed;
  const auto note = [&](int statement) { removed.push_back(statement); };
  cache.add("a", 1, note);
  cache.add("b", 2, note);
  CHECK(*cache.find("a") == 1);
  cache.add("c", 3, note);
  CHECK(removed == std::vector{2});
  CHECK(cache.find("b") == nullptr);
  CHECK(*cache.find("a") == 1);
  CHECK(*cache.find("c") == 3);
  CHECK(cache.size() == 2);
}

TEST_CASE("tries are bounded in number and in time") {
  Limits limits;
  limits.attempts_max = 3;
  Retry few(limits);
  CHECK(few.wait());
  CHECK(few.wait());
  CHECK(!few.wait());
  CHECK(few.limit_reached() == "attempts_max (3)");
  limits.attempts_max = 1'000'000;
  limits.retry_ms = 30;
  Retry brief(limits);
  while (brief.wait()) {
  }
  CHECK(brief.limit_reached() == "retry_ms (30)");
}

TEST_CASE("a pool opens no more than it may, waits no longer than it may, and forgets what broke") {
  Limits limits;
  limits.connections_max = 2;
  limits.connection_wait_ms = 20;
  int opened = 0;
  bool is_there = true;
  ConnectionPool<int> pool(limits, [&]() -> Result<std::unique_ptr<int>> {
    if (!is_there) return fail(Code::try_again, "not there");
    return std::make_unique<int>(++opened);
  });
  {
    auto one = pool.take().value();
    auto two = pool.take().value();
    CHECK(one.fill());
    CHECK(two.fill());
    CHECK(*one + *two == 3);
    const auto three = pool.take();
    REQUIRE(!three);
    CHECK(three.error().code == Code::try_again);
    CHECK(three.error().what.contains("connections_max 2"));
    CHECK(three.error().what.contains("connection_wait_ms (20)"));
    two.drop();
  }
  {
    auto again = pool.take().value();
    CHECK(again.fill());
    CHECK(*again == 1);
    auto fresh = pool.take().value();
    CHECK(fresh.fill());
    CHECK(*fresh == 3);
  }
  pool.drop_idle();
  is_there = false;
  for (int i = 0; i < 5; ++i) {  // what could not be opened takes no place
    auto lease = pool.take().value();
    CHECK(!lease.fill());
  }
}

TEST_CASE("a queue serves in groups, in order, each job once") {
  Limits limits;
  limits.group_max = 8;
  std::atomic<int> inside = 0, done = 0, groups = 0;
  std::size_t largest = 0;
  using Job = std::atomic<int>;
  WriteQueue<Job> queue(limits, [&](std::span<Job* const> jobs) {
    CHECK(++inside == 1);
    largest = std::max(largest, jobs.size());
    ++groups;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    for (Job* job : jobs) ++*job;
    done += static_cast<int>(jobs.size());
    --inside;
  });
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 32; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        Job job = 0;
        if (!queue.run(job) || job != 1) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(done == 32 * 20);
  CHECK(largest <= 8);
  CHECK(groups < 32 * 20);
}

TEST_CASE("whoever waits for its turn for too long goes, and the others go on") {
  Limits limits;
  limits.connection_wait_ms = 20;
  std::atomic<bool> is_held = false, may_go = false;
  WriteQueue<int> queue(limits, [&](std::span<int* const>) {
    is_held = true;
    is_held.notify_all();
    may_go.wait(false);
  });
  int first = 0, second = 0, third = 0;
  std::thread holder([&] { CHECK(queue.run(first)); });
  is_held.wait(false);
  CHECK(!queue.run(second));
  may_go = true;
  may_go.notify_all();
  holder.join();
  CHECK(queue.run(third));
}
