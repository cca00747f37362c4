// SPDX-License-Identifier: LGPL-3.0-or-later
// The little of Asio that the other rooms see: coroutines, executors, spawning.  Boost.Asio 1.81.
//
// One thread runs an executor (EventLoop), so nothing that lives on it takes locks.  Disk and CPU work goes
// to a WorkerPool.  Cancelling a coroutine (`||` of race.h, a cancellation slot) ends the wait it stands in;
// its next co_await throws boost::system::system_error(operation_aborted), so whatever must be undone belongs
// in a destructor.
//
// g++ 12 destroys twice an aggregate that is made with braces inside a co_await expression: co_await
// send(Request{...}). Give it a name first, and then move it.  Classes with constructors, and what functions
// return, are safe.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace inxt::net {

namespace asio = boost::asio;

template <class T>
using Awaitable = asio::awaitable<T>;
using Executor = asio::any_io_executor;

/// Resumes after `time`.  Cancelled: resumes at once.
Awaitable<void> sleep_for(std::chrono::milliseconds time);

/// Starts a coroutine of its own.  An exception out of it, other than cancellation, ends the program: errors
/// are Results.
void spawn(const Executor& executor, Awaitable<void> coroutine);

}  // namespace inxt::net
