// SPDX-License-Identifier: LGPL-3.0-or-later
// Heartbeats of many Hosts in one commit: ten thousand Hosts that beat every minute are 170 a second, and
// each alone would wait for the disk.
#pragma once

#include <memory>
#include <vector>

#include "bridge/host_rows.h"
#include "database/database.h"
#include "net/event.h"
#include "net/worker_pool.h"
#include "sys/clock.h"

namespace inxt::bridge {

inline constexpr std::size_t kBeatsPerCommitMax = 256;
inline constexpr int kBeatGatherMs = 20;              // how long the first one waits for others
inline constexpr std::size_t kBeatsQueuedMax = 4096;  // beats_queued_max; then 503
inline constexpr int kBeatWaitMs = 15'000;            // beat_wait_ms: for the commit; then 503

struct BeatCounts {
  std::uint64_t taken = 0;
  std::uint64_t old = 0;
  std::uint64_t unknown = 0;
  std::uint64_t commits = 0;
};

/// One thread; writes on the pool.
class HeartbeatBatch {
 public:
  HeartbeatBatch(const net::Executor& executor, database::Database& database, net::WorkerPool& workers,
                 const sys::Clock& clock)
      : database_(database), workers_(workers), clock_(clock), executor_(executor), arrived_(executor) {}

  /// Resumes when it is durable.  A heartbeat that was checked; one of a Host that beats twice in one commit
  /// is `old` the second time only where its counter is. Errors: try_again naming beats_queued_max or
  /// beat_wait_ms; the database's.
  net::Awaitable<Result<BeatAnswer>> take(format::Heartbeat heartbeat);
  /// Commits what has arrived.  Until it is cancelled.
  net::Awaitable<void> run();

  const BeatCounts& counts() const { return counts_; }

 private:
  struct Waiting {
    Waiting(format::Heartbeat its, const net::Executor& executor)
        : heartbeat(std::move(its)), done(executor) {}
    format::Heartbeat heartbeat;
    std::optional<Result<BeatAnswer>> answer;
    net::Event done;
  };
  using Batch = std::vector<std::shared_ptr<Waiting>>;
  net::Awaitable<void> commit(Batch batch);

  database::Database& database_;
  net::WorkerPool& workers_;
  const sys::Clock& clock_;
  net::Executor executor_;
  net::Event arrived_;
  Batch waiting_;
  BeatCounts counts_;
};

}  // namespace inxt::bridge
