// SPDX-License-Identifier: LGPL-3.0-or-later
// What a name stands for.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "net/async.h"
#include "net/http.h"

namespace inxt::net {

inline constexpr std::size_t kLookUpAddressesMax = 8;  // of one name; further ones are left out

/// "ip:port" or "[ip6]:port" of all addresses that a name stands for; an address stands for itself, whatever the
/// resolver says.  Errors: try_again when the resolver does not know it, or not in time.
Awaitable<Result<std::vector<std::string>>> look_up(HostPort where, std::chrono::milliseconds time);

}  // namespace inxt::net
