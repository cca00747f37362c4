// SPDX-License-Identifier: LGPL-3.0-or-later
// What the files are whose pieces were found: an owner's own, or those that inxt itself stores for one; and
// the log out of its segments.
#pragma once

#include "client/recover_log.h"
#include "client/recover_manifest.h"

namespace inxt::client {

enum class FoundKind : std::uint8_t {
  file,
  log_segment,
  long_manifest,
  unreadable,  // its secret does not open
};

/// Of each file of the state.  Cost: a sealed box each, 0.15 ms.
std::vector<FoundKind> kinds_of(const RecoverState& state, const keys::Key& key);

struct LogSegmentsReport {
  std::uint64_t segments = 0;  // read
  std::uint64_t remade_lines = 0;
  std::vector<tree::Segment> found = {};   // those that were read, as the log says them
  std::vector<std::string> troubles = {};  // of those that were not; the first kLogPassedMax
};

/// Reads every segment of the log that the owner stored into `log`.  Errors: those of `log`; `failure` when
/// stopped.
net::Awaitable<Result<LogSegmentsReport>> read_log_segments(RecoverWorld& world,
                                                            const std::vector<FoundKind>& kinds,
                                                            RecoveredLog& log);

}  // namespace inxt::client
