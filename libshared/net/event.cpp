// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/event.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <set>

namespace inxt::net {

// Each waiter has a timer of its own, so that one may give up without waking the others.
struct Event::State {
  Executor executor;
  std::set<asio::steady_timer*> waiting;
};

namespace {

struct Entered {
  std::set<asio::steady_timer*>& waiting;
  asio::steady_timer& timer;
  Entered(std::set<asio::steady_timer*>& set, asio::steady_timer& mine) : waiting(set), timer(mine) {
    waiting.insert(&timer);
  }
  ~Entered() { waiting.erase(&timer); }
};

}  // namespace

Event::Event(const Executor& executor) : state_(std::make_shared<State>(State{executor, {}})) {}
Event::~Event() {
  notify();
}

void Event::notify() {
  for (auto* timer : state_->waiting) timer->expires_at(asio::steady_timer::time_point::min());
}

Awaitable<void> Event::wait() {
  return wait_for(std::chrono::hours(24));
}

Awaitable<void> Event::wait_for(std::chrono::milliseconds time) {
  const auto state = state_;  // outlives the event
  asio::steady_timer timer(state->executor, time);
  const Entered entered(state->waiting, timer);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace inxt::net
