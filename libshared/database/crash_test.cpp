// SPDX-License-Identifier: AGPL-3.0-or-later
// What happens to others and to what was acknowledged when processes die, and several at once.
#include <atomic>
#include <map>
#include <thread>

#include "support/child.h"
#include "support/database_world.h"
#include "sys/fd.h"

using namespace inxt;
using namespace inxt::database;
using namespace inxt::testing;

namespace {

constexpr int kThreads = 4;

struct Line {
  std::int32_t thread = 0, number = 0;
};

/// Each thread puts two rows at a time, which belong together, and then tells.
int write_until_killed(const auto& world, int tell) {
  const auto database = try_open(world);
  if (!database) return 1;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      for (int number = 1;; ++number) {
        const auto put_both = [&](Transaction& t) -> Result<void> {
          TRY(t.execute("INSERT INTO entry VALUES ($1, $2, 0)", {thread, number}));
          TRY(t.execute("INSERT INTO entry VALUES ($1, $2, 1)", {thread, number}));
          return {};
        };
        auto done = (*database)->write(put_both);
        // A disk that is busy with others may take longer than the limits allow; nothing was done then.
        for (int again = 0; again < 10 && !done && done.error().code == Code::try_again; ++again)
          done = (*database)->write(put_both);
        const Line line{.thread = thread, .number = done ? number : -1};
        if (::write(tell, &line, sizeof line) != sizeof line || !done) return;
      }
    });
  for (std::thread& thread : threads) thread.join();
  return 2;
}

}  // namespace

CONTRACT(kill, "kill -9 amid writes: what was acknowledged is there, and nothing by halves") {
  const World world;
  run_all(*open(world),
          SqlText("CREATE TABLE entry (thread {int64} NOT NULL, number {int64} NOT NULL, half {int64} NOT "
                  "NULL, PRIMARY KEY (thread, number, half)) {strict}"));
  std::map<int, int> last, before;
  for (int round = 0; round < 3; ++round) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const sys::Fd reading(ends[0]);
    sys::Fd writing(ends[1]);
    Child child([&] {
      const auto database = try_open(world);
      if (!database) return 1;
      if (!(*database)->write([](Transaction& t) { return t.execute("DELETE FROM entry"); })) return 1;
      return write_until_killed(world, writing.number());
    });
    writing.close();
    last.clear();
    Line line;
    bool killed = false;
    for (int told = 0; ::read(reading.number(), &line, sizeof line) == sizeof line; ++told) {
      REQUIRE(line.number > 0);
      last[line.thread] = line.number;
      // All of them write by then, however long one of them had to wait for a processor.
      if (killed || told < 200 * (round + 1) || std::ssize(last) < kThreads) continue;
      child.kill();
      killed = true;
    }
    const auto database = open(world);
    const auto rows = database->read([](Transaction& t) {
      return t.query(
          "SELECT thread, count(*), max(number), sum(half) FROM entry GROUP BY thread ORDER BY thread");
    });
    REQUIRE(rows);
    REQUIRE(rows->size() == kThreads);
    for (const Row row : *rows) {
      const int thread = static_cast<int>(row.integer(0));
      CAPTURE(thread);
      CHECK(row.integer(2) >= last[thread]);
      CHECK(row.integer(2) <= last[thread] + 1);    // one may have been on its way
      CHECK(row.integer(1) == 2 * row.integer(2));  // from 1 on, both halves
      CHECK(row.integer(3) == row.integer(2));
    }
  }
}

CONTRACT(processes, "three processes that count together count exactly") {
  const World world;
  run_all(*open(world), SqlText("CREATE TABLE counter (value {int64} NOT NULL) {strict}"),
          SqlText("INSERT INTO counter VALUES (0)"));
  const auto count = [&] {
    const auto database = try_open(world);
    if (!database) return 1;
    for (int i = 0; i < 50; ++i) {
      const auto done = (*database)->write([](Transaction& t) -> Result<void> {
        const std::int64_t value = TRY(t.query("SELECT value FROM counter"))[0].integer(0);
        TRY(t.execute("UPDATE counter SET value = $1", {value + 1}));
        return {};
      });
      if (!done) return 2;
    }
    return 0;
  };
  Child one(count), two(count), three(count);
  CHECK(one.wait() == 0);
  CHECK(two.wait() == 0);
  CHECK(three.wait() == 0);
  const auto value = open(world)->read([](Transaction& t) { return t.query("SELECT value FROM counter"); });
  CHECK(value.value()[0].integer(0) == 150);
}
