// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/turns.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <map>

namespace inxt::net {

struct Turns::State {
  struct Waiter {
    Waiter(const Executor& executor, std::chrono::milliseconds time) : timer(executor, time) {}
    asio::steady_timer timer;  // expires when the turn has come, or never will
    bool has_turn = false;
    bool queued = true;
  };
  using Queue = std::list<Waiter*>;
  using Queues = std::map<std::string, Queue, std::less<>>;

  State(Executor on, std::size_t max, std::size_t key_max)
      : executor(std::move(on)), at_once_max(max), per_key_max(key_max) {}

  std::size_t taken_by(std::string_view key) const {
    const auto it = taken_of.find(key);
    return it == taken_of.end() ? 0 : it->second;
  }
  bool has_room_for(std::string_view key) const { return taken < at_once_max && taken_by(key) < per_key_max; }
  void take_for(const std::string& key) {
    ++taken;
    ++taken_of[key];
    last_key = key;
  }
  void leave(const std::string& key) {
    --taken;
    if (const auto it = taken_of.find(key); --it->second == 0) taken_of.erase(it);
    grant_next();
  }
  /// The next key after the one that had a turn last, round and round, that may have one.
  Queues::iterator next() {
    auto it = queues.upper_bound(last_key);
    for (std::size_t looked = 0; looked < queues.size(); ++looked, ++it) {
      if (it == queues.end()) it = queues.begin();
      if (has_room_for(it->first)) return it;
    }
    return queues.end();
  }

  void grant_next() {
    while (taken < at_once_max && waiting > 0) {
      const auto it = next();
      if (it == queues.end()) return;
      Waiter* waiter = it->second.front();
      take_for(it->first);
      it->second.pop_front();
      if (it->second.empty()) queues.erase(it);
      --waiting;
      waiter->queued = false;
      waiter->has_turn = true;
      waiter->timer.expires_at(asio::steady_timer::time_point::min());
    }
  }
  void forget(const std::string& key, Waiter& waiter) {
    if (!waiter.queued) return;
    const auto it = queues.find(key);
    it->second.remove(&waiter);
    if (it->second.empty()) queues.erase(it);
    --waiting;
    waiter.queued = false;
  }

  Executor executor;
  std::size_t at_once_max;
  std::size_t per_key_max;
  std::size_t taken = 0;
  std::map<std::string, std::size_t, std::less<>> taken_of;
  std::size_t waiting = 0;
  bool closed = false;
  Queues queues;  // none is empty
  std::string last_key;
};

Turns::Turns(const Executor& executor, std::size_t at_once_max, std::size_t per_key_max)
    : state_(std::make_shared<State>(executor, at_once_max, per_key_max)) {}

Turns::~Turns() {
  close();
}

Turns::Turn::~Turn() {
  if (state_) state_->leave(key_);
}

Awaitable<Turns::Turn> Turns::take(std::string key, std::chrono::milliseconds time) {
  const auto state = state_;  // outlives this
  if (state->closed) co_return Turn();
  if (!state->queues.contains(key) && state->has_room_for(key)) {
    state->take_for(key);
    co_return Turn(state, std::move(key));
  }
  State::Waiter waiter(state->executor, time);
  state->queues[key].push_back(&waiter);
  ++state->waiting;
  // A coroutine that is destroyed while it waits leaves too, with a turn that came meanwhile.
  struct Leave {
    State& state;
    const std::string& key;
    State::Waiter& waiter;
    std::shared_ptr<State> keep;
    ~Leave() {
      state.forget(key, waiter);
      if (waiter.has_turn) state.leave(key);
    }
  };
  const Leave leave{*state, key, waiter, state};
  boost::system::error_code ignored;
  co_await waiter.timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (!waiter.has_turn) co_return Turn();
  waiter.has_turn = false;  // it is the Turn's now
  co_return Turn(state, key);
}

std::size_t Turns::waiting() const {
  return state_->waiting;
}

std::size_t Turns::taken() const {
  return state_->taken;
}

void Turns::close() {
  state_->closed = true;
  for (auto& [key, queue] : state_->queues)
    for (State::Waiter* waiter : queue) {
      waiter->queued = false;
      waiter->timer.expires_at(asio::steady_timer::time_point::min());
    }
  state_->queues.clear();
  state_->waiting = 0;
}

}  // namespace inxt::net
