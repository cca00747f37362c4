// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host says of its own going: that it retires, and wants to be gone by a time; or that it pauses, and
// may be silent until a time.  Kept in the store, so that a restart ends neither, and told to Bridges.
// Manual: inxt-host(8), "Leaving".
#pragma once

#include "host/host.h"
#include "sys/directory.h"

namespace inxt::host {

class Bridges;

inline constexpr std::string_view kRetireFile = "retire.json";
inline constexpr std::string_view kPauseFile = "pause.json";
inline constexpr std::int64_t kAbsenceSMax = 366 * 86400;  // from now; more is a mistake
/// As it was when the Host last ran.  Errors: those of the files.
Result<void> load_absence(Host& host, sys::Directory& directory);

/// POST /retire of the control socket: {"by": unix seconds} or {"off": true}.  While it retires, the Host
/// takes nothing new.  Answers {"retiring": unix seconds, "pieces": left} when that is durable; the Bridges
/// hear it with heartbeats that come soon: BridgeStatus::is_told.
/// Errors: integrity for another body; usage for a time that is past or too far; those of the files: nothing
/// has changed then.
net::Awaitable<Result<std::string>> command_retire(Host& host, sys::Directory& directory, Bridges& bridges,
                                                   std::string body);

/// POST /pause: {"until": unix seconds} or {"off": true}; the same.  Answers {"away_until": unix seconds}.
net::Awaitable<Result<std::string>> command_pause(Host& host, sys::Directory& directory, Bridges& bridges,
                                                  std::string body);

}  // namespace inxt::host
