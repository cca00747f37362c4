// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/throttle.h"

#include <doctest/doctest.h>

#include <vector>

#include "support/net_world.h"

namespace inxt::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

Awaitable<void> move(Throttle* throttle, std::size_t bytes, std::size_t* moved) {
  while (*moved < bytes) *moved += co_await throttle->pass(bytes - *moved);
}

TEST_CASE("without a limit everything passes at once") {
  EventLoop loop;
  Throttle throttle(loop.executor());
  CHECK_FALSE(throttle.rate().has_value());
  const auto passed = [](Throttle* t) -> Awaitable<std::size_t> { co_return co_await t->pass(1U << 30U); };
  CHECK(loop.run(passed(&throttle)) == 1U << 30U);
}

TEST_CASE("a limit holds for all together, and each gets the same share") {
  EventLoop loop;
  Throttle throttle(loop.executor());
  constexpr std::size_t kEach = 512 * 1024;
  constexpr std::size_t kMovers = 4;
  throttle.set_rate(4 * 1024 * 1024);
  std::vector<std::size_t> moved(kMovers);
  const auto start = SteadyClock::now();
  for (std::size_t& mine : moved) spawn(loop.executor(), move(&throttle, kEach, &mine));
  std::size_t done = 0;
  const auto first = [&]() -> Awaitable<void> {
    while ((done = *std::ranges::max_element(moved)) < kEach) co_await sleep_for(1ms);
  };
  loop.run(first());
  // When the first has all of it, the others are no more than two turns behind.
  for (const std::size_t mine : moved) CHECK(mine + 3 * kThrottleSliceBytesMax >= done);
  loop.run();
  const double took = seconds_since(start);
  CHECK(took > 0.35);  // 2 MiB at 4 MiB/s, less what was saved up (410 KiB) and one turn
  CHECK(took < 5);
}

TEST_CASE("many at a low rate all make progress") {
  EventLoop loop;
  Throttle throttle(loop.executor());
  throttle.set_rate(1024 * 1024);
  std::vector<std::size_t> moved(200);
  bool stop = false;
  const auto trickle = [](Throttle* t, std::size_t* mine, const bool* end) -> Awaitable<void> {
    while (!*end) *mine += co_await t->pass(2097152);
  };
  for (std::size_t& mine : moved) spawn(loop.executor(), trickle(&throttle, &mine, &stop));
  const auto start = SteadyClock::now();
  const auto all = [&]() -> Awaitable<void> {
    while (std::ranges::find(moved, 0U) != moved.end()) co_await sleep_for(5ms);
  };
  loop.run(all());
  CHECK(seconds_since(start) < 10);  // whole turns of 64 KiB would take 12.5 s
  stop = true;
  throttle.set_rate(std::nullopt);  // a new rate is for those who wait, too
  loop.run();
  CHECK(throttle.waiting() == 0);
}

TEST_CASE("whoever waits can be let through, and a throttle may go first") {
  EventLoop loop;
  auto throttle = std::make_unique<Throttle>(loop.executor());
  throttle->set_rate(1);
  std::size_t first = 0;
  std::size_t second = 0;
  const auto once = [](Throttle* t, std::size_t* mine) -> Awaitable<void> { *mine = co_await t->pass(1000); };
  const auto wait_for_both = [](Throttle* t) -> Awaitable<void> {
    while (t->waiting() < 2) co_await sleep_for(1ms);
  };
  std::size_t saved_up = 0;
  loop.run(once(throttle.get(), &saved_up));
  spawn(loop.executor(), once(throttle.get(), &first));
  spawn(loop.executor(), once(throttle.get(), &second));
  loop.run(wait_for_both(throttle.get()));
  CHECK(first + second == 0);
  throttle->let_all_pass();
  throttle.reset();
  loop.run();
  CHECK(first == 1000);
  CHECK(second == 1000);
}

TEST_CASE("a server's bodies and answers go through its throttles") {
  EventLoop loop;
  Throttle in(loop.executor());
  Throttle out(loop.executor());
  const TlsIdentity identity = identity_of(1);
  Shelf shelf;
  ServerLimits limits;
  limits.throttle_in = &in;
  limits.throttle_out = &out;
  HttpServer server(loop.executor(), identity, shelf, limits);
  HttpClient client(loop.executor());
  const auto bound = server.listen("127.0.0.1:0");
  REQUIRE(bound.has_value());
  const Endpoint endpoint(*bound, identity.public_key());
  const Bytes body = noise(1024 * 1024);
  const auto put = [&] {
    const auto start = SteadyClock::now();
    Request request(Method::put);
    request.body = body;
    const auto answer = loop.run(client.send(endpoint, std::move(request)));
    REQUIRE(answer.has_value());
    CHECK(shelf.stored == body);
    return seconds_since(start);
  };
  const auto get = [&] {
    const auto start = SteadyClock::now();
    Bytes back(body.size());
    Request request;
    request.into = back;
    const auto answer = loop.run(client.send(endpoint, std::move(request)));
    REQUIRE(answer.has_value());
    CHECK(back == body);
    return seconds_since(start);
  };
  in.set_rate(2 * 1024 * 1024);
  CHECK(put() > 0.3);
  in.set_rate(std::nullopt);
  out.set_rate(2 * 1024 * 1024);
  CHECK(get() > 0.3);

  // A stop does not wait for an answer that would take hours.
  out.set_rate(1000);
  const auto ask = [&]() -> Awaitable<void> {
    Bytes back(body.size());
    Request request;
    request.into = back;
    const auto answer = co_await client.send(endpoint, std::move(request));
    CHECK_FALSE(answer.has_value());
  };
  spawn(loop.executor(), ask());
  loop.run(sleep_for(100ms));
  CHECK(server.counters().requests_now == 1);
  loop.run(server.stop(50ms));
  loop.run(sleep_for(50ms));
}

}  // namespace
}  // namespace inxt::net
