// SPDX-License-Identifier: LGPL-3.0-or-later
// Deletes contracts whose term and grace are over: by a clock that is not fooled (plan/trusted_clock.h), in
// small batches, also on a full disk.  Manual: inxt-host(8), "Terms", "Clocks".
#pragma once

#include <functional>

#include "host/host.h"
#include "plan/trusted_clock.h"

namespace inxt::host {

inline constexpr std::string_view kClockFile = "clock.json";
inline constexpr std::int64_t kReapEveryS = 600;  // more often where the grace is shorter
inline constexpr std::int64_t kLookAtClocksEveryS = 60;
inline constexpr std::int64_t kWriteClockEveryS = 300;
inline constexpr std::size_t kReapBatch = 32;     // deletions that one job on the pool does
inline constexpr std::size_t kReapMax = 100'000;  // in one go; then the clocks are looked at again

class Reaper {
 public:
  using ReadClocks = std::function<plan::ClockReading()>;

  /// `directory` has clock.json.
  Reaper(Host& host, sys::Directory& directory, ReadClocks read_clocks);

  /// Reads clock.json, once, before the others.  REQUIRES: the store has listed its pieces.
  net::Awaitable<void> begin();
  /// Looks at the clocks, says when one has jumped, and writes down what is believed.
  net::Awaitable<void> look();
  /// Deletes what is over now, up to kReapMax contracts, and old pieces of the quarantine.  How many
  /// contracts.
  net::Awaitable<std::uint64_t> reap();

  const std::optional<plan::TrustedClock>& clock() const { return clock_; }

 private:
  void show();
  net::Awaitable<void> write();

  Host& host_;
  sys::Directory& directory_;
  ReadClocks read_clocks_;
  std::string boot_id_;
  std::optional<plan::TrustedClock> clock_;
  std::optional<std::int64_t> written_at_s_;  // of the running time
};

/// What the kernel says.
plan::ClockReading read_system_clocks(const sys::Clock& clock);

/// Until it is cancelled.
net::Awaitable<void> run_reaper(Host& host, sys::Directory& directory);

}  // namespace inxt::host
