// SPDX-License-Identifier: LGPL-3.0-or-later
// Bytes in and out: counted by the month, durably, and held to rates that depend on the hour.
// Manual: inxt-host(8), "Limits".
#pragma once

#include "host/host.h"
#include "net/throttle.h"
#include "sys/directory.h"

namespace inxt::host {

inline constexpr std::string_view kTrafficFile = "traffic.json";
inline constexpr std::int64_t kCountTrafficEveryMs = 500;
inline constexpr std::int64_t kWriteTrafficEveryMs = 60'000;

/// What was counted before this start.  Errors: those of the file.
Result<void> load_traffic(Host& host, sys::Directory& directory);
/// Writes what was counted, if it has not been written yet.  For the end; run_traffic() does it meanwhile.
Result<void> save_traffic(Host& host, sys::Directory& directory);

/// Until it is cancelled: counts what went through `server`.
net::Awaitable<void> run_traffic(Host& host, sys::Directory& directory, const net::HttpServer& server);

/// Until it is cancelled: gives the throttles the rates of the hour.
net::Awaitable<void> run_bandwidth(Host& host, net::Throttle& in, net::Throttle& out);

}  // namespace inxt::host
