// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads every stored piece once in a period, evenly, in the hours that the operator gives, and never while
// the pool has other work (plan/scrub_pace.h).  What is not what was stored goes into the quarantine, is
// logged, and is counted, before an audit finds it.  Manual: inxt-host(8), "Scrubbing".
#pragma once

#include <nlohmann/json.hpp>

#include "format/json.h"
#include "host/host.h"
#include "plan/scrub_pace.h"

namespace inxt::host {

inline constexpr std::string_view kScrubFile = "scrub.json";
inline constexpr std::int64_t kScrubPauseMsMax = 60'000;  // between two looks at what is due
inline constexpr std::int64_t kScrubYieldMsMax = 60'000;  // to requests, for one piece
inline constexpr std::int64_t kWriteScrubEveryMs = 60'000;

class Scrub {
 public:
  /// `directory` has scrub.json.
  Scrub(Host& host, sys::Directory& directory) : host_(host), directory_(directory) {}

  /// Reads scrub.json, once, before step().
  net::Awaitable<void> begin();
  /// Reads one piece if one is due, and gives how long to wait before the next step.
  net::Awaitable<std::chrono::milliseconds> step();

 private:
  std::chrono::milliseconds pause() const;
  plan::ScrubPass pass() const;
  net::Awaitable<void> end_pass(std::int64_t now_s);
  /// To the Bridges that vouched for its account.
  void report_lost(const ScrubFinding& finding);
  net::Awaitable<std::chrono::milliseconds> check(store::Key key);
  net::Awaitable<void> write();

  Host& host_;
  sys::Directory& directory_;
  std::optional<store::Key> cursor_;  // the last that was read
  store::AlignedBuffer scratch_;
  std::int64_t yielded_ms_ = 0;
  std::int64_t written_at_ms_ = 0;
  format::Json written_;  // what scrub.json has
};

/// Until it is cancelled.
net::Awaitable<void> run_scrub(Host& host, sys::Directory& directory);

}  // namespace inxt::host
