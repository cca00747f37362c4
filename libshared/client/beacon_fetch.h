// SPDX-License-Identifier: LGPL-3.0-or-later
// Public randomness from a server that speaks drand's HTTP API (GET /info, GET /public/ROUND).  libcurl stays behind this
// door: unlike Hosts, these servers have names, certificates by authorities, and proxies before them.
#pragma once

#include <functional>
#include <string>

#include "format/beacon.h"
#include "sys/clock.h"

namespace inxt::client {

inline constexpr int kBeaconConnectMs = 5000;
inline constexpr int kBeaconAnswerMs = 15'000;        // a whole answer of at most format::kBeaconBytesMax
inline constexpr int kBeaconRedirectsMax = 3;         // never to another scheme
inline constexpr std::int64_t kBeaconAheadMaxS = 600;  // a round that comes later is not waited for
inline constexpr std::int64_t kBeaconBehindMaxS = 60;  // a round may be published so long after its time

struct BeaconWait {
  std::function<bool()> stopped = {};                    // true ends the wait with `failure`; asked five times a second
  std::function<void(std::int64_t wait_s)> on_wait = {};  // once, when the round is not there yet
};

/// The first round at `base_url` whose time is `not_before_unix_s` or later; waits until it is there.  It is checked as
/// format/beacon.h says.  Blocks.
/// Errors: usage for an address that is none, or a round that is further than kBeaconAheadMaxS; try_again when nobody answers,
/// or the round does not come; integrity for what is no beacon; failure when stopped.
Result<format::Beacon> fetch_beacon(const std::string& base_url, std::int64_t not_before_unix_s, const sys::Clock& clock,
                                    const BeaconWait& wait);

/// Whether `text` is the address of such a server: http or https.
bool is_beacon_url(std::string_view text);

}  // namespace inxt::client
