// SPDX-License-Identifier: LGPL-3.0-or-later
#include "net/async.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

namespace inxt::net {

Awaitable<void> sleep_for(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void spawn(const Executor& executor, Awaitable<void> coroutine) {
  asio::co_spawn(executor, std::move(coroutine), [](std::exception_ptr error) noexcept {
    if (!error) return;
    try {  // what is not caught here ends the program at noexcept
      std::rethrow_exception(error);
    } catch (const boost::system::system_error& system) {
      if (system.code() != asio::error::operation_aborted) std::terminate();  // which says what it was
    }
  });
}

}  // namespace inxt::net
