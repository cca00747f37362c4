// SPDX-License-Identifier: LGPL-3.0-or-later
// What a name stands for, as endpoints.  For the sources of this room.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <vector>

#include "base/result.h"
#include "net/async.h"
#include "net/http.h"

namespace inxt::net {

/// The system's resolver cannot be cancelled, so whoever gives up leaves it behind.
/// Errors: try_again when it does not know the name, or not until `until`.
Awaitable<Result<std::vector<asio::ip::tcp::endpoint>>> resolve(Executor executor, HostPort where,
                                                                std::chrono::steady_clock::time_point until);

}  // namespace inxt::net
