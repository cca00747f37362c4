// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/address_race.h"

#include <memory>
#include <optional>

#include "net/event.h"
#include "net/task.h"

namespace inxt::transfer {

namespace {

using net::Awaitable;

struct Race {
  explicit Race(const net::Executor& executor) : changed(executor) {}
  net::Event changed;
  std::size_t under_way = 0;
  std::optional<std::string> winner;
  Error last_error{Code::try_again, "no address answers", {}};
};

/// Ends those that still run, also when the race itself is cancelled.
struct Runners {
  std::vector<net::Task> tasks;
  Runners() = default;
  Runners(const Runners&) = delete;
  Runners& operator=(const Runners&) = delete;
  ~Runners() {
    for (net::Task& task : tasks) task.cancel();
  }
};

Awaitable<void> ask_one(std::shared_ptr<Race> race, net::HttpClient& http, net::Endpoint endpoint) {
  const std::string address = endpoint.address;
  net::Request request(net::Method::get, "/v1/health");
  const Result<net::Response> response = co_await http.send(std::move(endpoint), std::move(request));
  --race->under_way;
  if (!response)
    race->last_error = response.error();
  else if (!race->winner)
    race->winner = address;
  race->changed.notify();
}

}  // namespace

Awaitable<Result<std::string>> first_to_answer(net::HttpClient& http, std::vector<net::Endpoint> endpoints) {
  const net::Executor executor = co_await net::asio::this_coro::executor;
  const auto race = std::make_shared<Race>(executor);
  Runners runners;
  for (net::Endpoint& endpoint : endpoints) {
    ++race->under_way;
    runners.tasks.push_back(net::Task::start(executor, ask_one(race, http, std::move(endpoint))));
    co_await race->changed.wait_for(std::chrono::milliseconds(kNextAddressMs));
    if (race->winner) co_return *race->winner;
  }
  while (race->under_way > 0 && !race->winner) co_await race->changed.wait();
  if (race->winner) co_return *race->winner;
  co_return std::unexpected(race->last_error);
}

}  // namespace inxt::transfer
