// SPDX-License-Identifier: LGPL-3.0-or-later
// `co_await (a || b)`: runs both, cancels the loser, gives a std::variant; `a && b` waits for both.  A header
// of its own, because it compiles slowly.  A Result that holds an error wins a race like any other value.
#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "net/async.h"

namespace inxt::net {

using namespace asio::experimental::awaitable_operators;  // NOLINT: operators only

}  // namespace inxt::net
