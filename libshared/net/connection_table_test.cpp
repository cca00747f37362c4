// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/connection_table.h"

#include <doctest/doctest.h>

#include <deque>

#include "net/turns.h"
#include "support/net_world.h"

namespace inxt::net {
namespace {

struct Item final : ConnectionTable::Entry {
  explicit Item(int as) : number(as) {}
  int number;
};

int first_to_go(const ConnectionTable& table) {
  const auto* entry = table.first_to_go();
  return entry ? static_cast<const Item*>(entry)->number : 0;
}

TEST_CASE("the longest idle one of the largest network goes first") {
  ConnectionTable table;
  std::deque<Item> items;
  for (int i = 0; i <= 6; ++i) items.emplace_back(i);
  CHECK(first_to_go(table) == 0);
  table.add(items[1], "192.0.2.1");
  CHECK(first_to_go(table) == 1);
  table.add(items[2], "192.0.2.2");
  table.add(items[3], "192.0.2.2");
  CHECK(first_to_go(table) == 2);
  table.set_idle(items[2], false);
  CHECK(first_to_go(table) == 3);
  table.set_idle(items[2], true);  // idle since later than the other
  CHECK(first_to_go(table) == 3);
  table.set_idle(items[2], false);
  table.set_idle(items[3], false);
  CHECK(first_to_go(table) == 1);  // nobody of the largest is idle
  table.set_idle(items[1], false);
  CHECK(first_to_go(table) == 0);
  table.set_idle(items[3], true);
  CHECK(table.size() == 3);
  CHECK(table.size_of("192.0.2.2") == 2);
  CHECK(table.size_of("192.0.2.3") == 0);
  table.remove(items[2]);
  table.set_idle(items[1], true);
  CHECK(table.size_of("192.0.2.2") == 1);
  int seen = 0;
  table.for_each([&](ConnectionTable::Entry&) { ++seen; });
  CHECK(seen == 2);
  table.remove(items[3]);
  table.remove(items[1]);
  CHECK(table.size() == 0);
  CHECK(first_to_go(table) == 0);
}

Awaitable<void> work(Turns* turns, std::string key, std::string* log, std::chrono::milliseconds time) {
  const Turns::Turn turn = co_await turns->take(key, time);
  if (!turn) {
    *log += '-';
    co_return;
  }
  *log += key;
  co_await sleep_for(1ms);
}

TEST_CASE("turns go round among keys, and no more are taken than there are") {
  EventLoop loop;
  Turns turns(loop.executor(), 1, 1);
  std::string log;
  for (int i = 0; i < 5; ++i) spawn(loop.executor(), work(&turns, "a", &log, 5000ms));
  for (const char* key : {"b", "b", "c"}) spawn(loop.executor(), work(&turns, key, &log, 5000ms));
  loop.run();
  CHECK(log == "abcabaaa");
  CHECK(turns.taken() == 0);
  CHECK(turns.waiting() == 0);
}

TEST_CASE("one key takes no more than its share, and the others do not wait for it") {
  EventLoop loop;
  Turns turns(loop.executor(), 8, 2);
  const auto take = [](Turns* from, std::string key) -> Awaitable<Turns::Turn> {
    co_return co_await from->take(key, 1ms);
  };
  std::vector<Turns::Turn> held;
  for (int i = 0; i < 4; ++i) held.push_back(loop.run(take(&turns, "greedy")));
  CHECK(static_cast<bool>(held[1]));
  CHECK_FALSE(static_cast<bool>(held[2]));
  CHECK(turns.taken() == 2);
  std::string log;
  spawn(loop.executor(), work(&turns, "greedy", &log, 5000ms));
  loop.run(sleep_for(1ms));
  spawn(loop.executor(), work(&turns, "modest", &log, 5000ms));
  loop.run(sleep_for(20ms));
  CHECK(log == "modest");
  held.clear();
  loop.run(sleep_for(20ms));
  CHECK(log == "modestgreedy");
  CHECK(turns.taken() == 0);
}

TEST_CASE("whoever waits too long gets no turn, and nobody after close()") {
  EventLoop loop;
  Turns turns(loop.executor(), 1, 1);
  std::string log;
  {
    const auto take = [](Turns* from) -> Awaitable<Turns::Turn> { co_return co_await from->take("x", 1ms); };
    const Turns::Turn held = loop.run(take(&turns));
    CHECK(static_cast<bool>(held));
    spawn(loop.executor(), work(&turns, "a", &log, 10ms));
    loop.run(sleep_for(100ms));
    CHECK(log == "-");
    spawn(loop.executor(), work(&turns, "b", &log, 50000ms));
    loop.run(sleep_for(10ms));
    CHECK(turns.waiting() == 1);
    turns.close();
    loop.run(sleep_for(10ms));
    CHECK(log == "--");
  }
  CHECK(turns.taken() == 0);
}

}  // namespace
}  // namespace inxt::net
