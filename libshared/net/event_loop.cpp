// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/event_loop.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <exception>

#include "base/check.h"

namespace inxt::net {

struct EventLoop::State {
  asio::io_context context{1};
};

EventLoop::EventLoop() : state_(std::make_unique<State>()) {}
EventLoop::~EventLoop() = default;

Executor EventLoop::executor() {
  return state_->context.get_executor();
}

void EventLoop::run_until_done(Awaitable<void> coroutine) {
  bool done = false;
  std::exception_ptr failure;
  asio::co_spawn(state_->context, std::move(coroutine), [&](std::exception_ptr error) {
    failure = error;
    done = true;
  });
  if (state_->context.stopped()) state_->context.restart();
  while (!done && state_->context.run_one() > 0) {
  }
  if (failure) std::rethrow_exception(failure);
  CHECK_BUG(done);  // stop() was called, or the coroutine waits for something that will not come
}

void EventLoop::run() {
  if (state_->context.stopped()) state_->context.restart();
  state_->context.run();
}

void EventLoop::stop() {
  state_->context.stop();
}

struct Signals::State {
  explicit State(const Executor& executor) : set(executor) {}
  asio::signal_set set;
};

Signals::Signals(const Executor& executor, std::initializer_list<int> numbers)
    : state_(std::make_unique<State>(executor)) {
  for (const int number : numbers) state_->set.add(number);
}
Signals::~Signals() = default;

Awaitable<int> Signals::next() {
  boost::system::error_code error;
  const int number = co_await state_->set.async_wait(asio::redirect_error(asio::use_awaitable, error));
  co_return error ? 0 : number;
}

}  // namespace inxt::net
