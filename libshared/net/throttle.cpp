// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/throttle.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>

namespace inxt::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kSliceBytesMin = 2048;
constexpr double kRoundSeconds = 2;    // within which everybody who waits gets a turn, where slices allow it
constexpr double kBurstSeconds = 0.1;  // what an unused rate saves up

}  // namespace

struct Throttle::State : std::enable_shared_from_this<Throttle::State> {
  struct Waiter {
    Waiter(const Executor& executor, std::size_t bytes_wanted) : timer(executor), wanted(bytes_wanted) {}
    asio::steady_timer timer;  // expires when the turn has come
    std::size_t wanted;
    std::size_t granted = 0;
  };
  /// Takes a waiter out of the queue whichever way its wait ends.
  struct Entered {
    Entered(State& in, Waiter& mine) : state(in), place(in.queue.insert(in.queue.end(), &mine)) {}
    ~Entered() {
      if ((*place)->granted == 0) --state.ungranted;
      state.queue.erase(place);
    }
    State& state;
    std::list<Waiter*>::iterator place;
  };

  explicit State(const Executor& on) : executor(on), tick(on) {}

  double burst_bytes() const {
    return std::max(rate * kBurstSeconds, static_cast<double>(kThrottleSliceBytesMax));
  }
  void refill() {
    const auto now = SteadyClock::now();
    tokens = std::min(tokens + rate * std::chrono::duration<double>(now - refilled).count(), burst_bytes());
    refilled = now;
  }
  std::size_t slice_bytes() const {
    const double share = rate * kRoundSeconds / static_cast<double>(std::max<std::size_t>(ungranted, 1));
    return static_cast<std::size_t>(
        std::clamp(share, static_cast<double>(kSliceBytesMin), static_cast<double>(kThrottleSliceBytesMax)));
  }
  /// Bytes may pass while any are left: the bucket goes below zero by at most one slice.
  std::size_t take(std::size_t wanted) {
    const std::size_t granted = std::min(wanted, slice_bytes());
    tokens -= static_cast<double>(granted);
    return granted;
  }
  static void grant(Waiter& waiter, std::size_t bytes) {
    waiter.granted = bytes;
    waiter.timer.expires_at(asio::steady_timer::time_point::min());
  }
  void run() {
    if (limited) refill();
    for (Waiter* waiter : queue) {
      if (waiter->granted > 0) continue;
      if (limited && tokens <= 0) break;
      grant(*waiter, limited ? take(waiter->wanted) : waiter->wanted);
      --ungranted;
    }
    if (ungranted > 0 && !ticking) start_tick();
  }
  void start_tick() {
    ticking = true;
    const double seconds = std::clamp((1 - tokens) / rate, 0.001, 3600.0);
    tick.expires_after(std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6)));
    tick.async_wait([weak = weak_from_this()](const boost::system::error_code&) {
      const auto self = weak.lock();
      if (!self) return;
      self->ticking = false;
      self->run();
    });
  }

  Executor executor;
  asio::steady_timer tick;
  bool ticking = false;
  bool limited = false;
  double rate = 0;    // bytes a second
  double tokens = 0;  // bytes that may pass now
  SteadyClock::time_point refilled = SteadyClock::now();
  std::list<Waiter*> queue;   // in the order of asking; each lives in its coroutine
  std::size_t ungranted = 0;  // of the queue, those whose turn has not come
};

Throttle::Throttle(const Executor& executor) : state_(std::make_shared<State>(executor)) {}

Throttle::~Throttle() {
  let_all_pass();
}

void Throttle::set_rate(std::optional<std::uint64_t> bytes_per_s) {
  State& state = *state_;
  const double wanted = bytes_per_s ? static_cast<double>(std::max<std::uint64_t>(*bytes_per_s, 1)) : 0;
  if (bytes_per_s.has_value() == state.limited && wanted == state.rate) return;
  state.limited = bytes_per_s.has_value();
  state.rate = wanted;
  state.tokens = std::min(state.tokens, 0.0);  // what was saved up under another rate is not kept
  state.refilled = SteadyClock::now();
  state.tick.cancel();  // runs it, under the new rate
  state.run();
}

std::optional<std::uint64_t> Throttle::rate() const {
  if (!state_->limited) return std::nullopt;
  return static_cast<std::uint64_t>(state_->rate);
}

Awaitable<std::size_t> Throttle::pass(std::size_t bytes_wanted) {
  const auto state = state_;  // outlives the throttle
  if (!state->limited) co_return bytes_wanted;
  state->refill();
  if (state->ungranted == 0 && state->tokens > 0) co_return state->take(bytes_wanted);
  State::Waiter waiter(state->executor, bytes_wanted);
  waiter.timer.expires_at(asio::steady_timer::time_point::max());
  ++state->ungranted;
  const State::Entered entered(*state, waiter);
  if (!state->ticking) state->start_tick();
  boost::system::error_code ignored;
  co_await waiter.timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  co_return std::max<std::size_t>(waiter.granted, 1);  // 0 where the coroutine was cancelled: it ends
}

void Throttle::let_all_pass() {
  for (State::Waiter* waiter : state_->queue) {
    if (waiter->granted > 0) continue;
    State::grant(*waiter, waiter->wanted);
    --state_->ungranted;
  }
}

std::size_t Throttle::waiting() const {
  return state_->ungranted;
}

}  // namespace inxt::net
