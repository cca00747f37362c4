// SPDX-License-Identifier: LGPL-3.0-or-later
// Looks at each Host again and again, beside the requests: whether it answers with its own key at an address
// that it announced, how far away it is, how fast it takes and gives a piece, and whether it still holds the
// piece of last time. Manual: inxt-bridge(8).
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <set>

#include "bridge/measuring_rows.h"
#include "crypto/random.h"
#include "database/database.h"
#include "net/event.h"
#include "net/worker_pool.h"
#include "serve/log.h"
#include "sys/clock.h"

namespace inxt::bridge {

inline constexpr std::size_t kMeasuredAtOnce = 16;
inline constexpr std::size_t kSpeedsAtOnce = 2;      // more would measure this Bridge's own line
inline constexpr std::int64_t kMeasureTurnS = 240;   // of one Host
inline constexpr std::int64_t kClaimPauseMs = 1000;  // between looks for whose turn it is

struct MeasureCounts {
  std::uint64_t reached = 0, unreached = 0;
  std::uint64_t wrong_key = 0;  // of the unreached: another key answered there
  std::uint64_t speeds = 0, speeds_failed = 0;
  std::uint64_t audits_passed = 0, audits_failed = 0, audits_unanswered = 0;
  std::uint64_t forgotten = 0;  // Hosts that were never reached
  std::size_t now = 0;          // under way
};

struct MeasureParts {
  database::Database& database;
  net::WorkerPool& workers;
  const sys::Clock& clock;
  crypto::Random& random;
  serve::Log& log;
  HostProber& prober;
};

/// One thread.
class Measuring {
 public:
  Measuring(const net::Executor& executor, MeasureParts parts, MeasureIntervals intervals)
      : parts_(parts), intervals_(intervals), changed_(executor) {}

  /// Claims Hosts for the workers.  Until it is cancelled.
  net::Awaitable<void> run_claims();
  /// Renews the claims of Hosts that wait here, or are looked at.  Until it is cancelled.
  net::Awaitable<void> run_renewals();
  /// One of kMeasuredAtOnce.  Until it is cancelled.
  net::Awaitable<void> run_worker();

  void set_intervals(MeasureIntervals intervals) { intervals_ = intervals; }
  const MeasureCounts& counts() const { return counts_; }

 private:
  using Claim = std::shared_ptr<MeasureClaim>;
  net::Awaitable<void> renew(std::vector<Claim> claims);
  net::Awaitable<void> measure(Claim claim);
  net::Awaitable<void> save(Claim claim, const MeasureOutcome& outcome);
  /// `outcome` holds at any moment what has been found out.
  net::Awaitable<void> look_at(const MeasureClaim& claim, MeasureOutcome& outcome);
  net::Awaitable<void> look_closer(const MeasureClaim& claim, const std::string& address,
                                   MeasureOutcome& outcome);
  net::Awaitable<void> measure_closer(const MeasureClaim& claim, const std::string& address,
                                      MeasureOutcome& outcome);
  net::Awaitable<void> forget();
  void log_change(const MeasureClaim& claim, const MeasureOutcome& outcome, const Error& error);

  MeasureParts parts_;
  MeasureIntervals intervals_;
  net::Event changed_;  // the queue, or a free worker
  std::deque<Claim> queue_;
  std::set<Claim> held_;      // in the queue, or looked at
  bool is_renewing_ = false;  // then the database has another time than the claims here
  std::size_t speeds_now_ = 0;
  std::int64_t forgotten_ms_ = 0;
  MeasureCounts counts_;
};

}  // namespace inxt::bridge
