// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/task.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

namespace inxt::net {

struct Task::State {
  asio::cancellation_signal signal;
  bool ended = false;
};

Task Task::start(const Executor& executor, Awaitable<void> coroutine) {
  Task task;
  task.state_ = std::make_shared<State>();
  auto done = [state = task.state_](std::exception_ptr error) noexcept {
    state->ended = true;
    if (!error) return;
    try {  // what is not caught here ends the program at noexcept
      std::rethrow_exception(error);
    } catch (const boost::system::system_error& system) {
      if (system.code() != asio::error::operation_aborted) std::terminate();  // which says what it was
    }
  };
  asio::co_spawn(executor, std::move(coroutine),
                 asio::bind_cancellation_slot(task.state_->signal.slot(), std::move(done)));
  return task;
}

void Task::cancel() {
  if (!state_ || state_->ended) return;
  // The state may end within emit(): keep it.
  const auto keep = state_;
  keep->signal.emit(asio::cancellation_type::terminal);
}

}  // namespace inxt::net
