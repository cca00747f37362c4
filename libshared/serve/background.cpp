// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/background.h"

#include <vector>

#include "net/event.h"
#include "net/task.h"

namespace inxt::serve {

struct Background::State {
  explicit State(const net::Executor& its) : executor(its), ended(its) {}
  net::Executor executor;
  net::Event ended;
  std::vector<net::Task> tasks;
  std::size_t running = 0;
};

namespace {

/// Counts from the start to the end of a task, also of one that is cancelled before its first step.
template <class State>
class Counted {
 public:
  explicit Counted(std::shared_ptr<State> state) : state_(std::move(state)) { ++state_->running; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() {
    --state_->running;
    state_->ended.notify();
  }

 private:
  std::shared_ptr<State> state_;
};

template <class State>
net::Awaitable<void> run(std::unique_ptr<Counted<State>>, net::Awaitable<void> task) {
  co_await std::move(task);
}

}  // namespace

Background::Background(const net::Executor& executor) : state_(std::make_shared<State>(executor)) {}
Background::~Background() = default;

void Background::start(net::Awaitable<void> task) {
  auto counted = std::make_unique<Counted<State>>(state_);
  state_->tasks.push_back(net::Task::start(state_->executor, run(std::move(counted), std::move(task))));
}

net::Awaitable<void> Background::stop() {
  for (net::Task& task : state_->tasks) task.cancel();
  while (state_->running > 0) co_await state_->ended.wait();
  state_->tasks.clear();
}

std::size_t Background::running() const {
  return state_->running;
}

}  // namespace inxt::serve
