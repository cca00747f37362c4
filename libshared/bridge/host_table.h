// SPDX-License-Identifier: LGPL-3.0-or-later
// All Hosts that this Bridge knows, in memory: what lists and placements are made from.
//
// The database is the truth.  The table reads what has changed there when somebody asks and it is older than
// kHostTableAgeMs, so several processes see the same Hosts, two seconds apart at most; clocks of processes
// that differ by more than kHostTableMarginS delay a change until everything is read again, every
// kHostTableWholeS.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "bridge/host_record.h"
#include "database/database.h"
#include "net/event.h"
#include "net/worker_pool.h"
#include "sys/clock.h"

namespace inxt::bridge {

inline constexpr std::int64_t kHostTableAgeMs = 2000;
inline constexpr std::int64_t kHostTableMarginS = 5;
inline constexpr std::int64_t kHostTableWholeS = 600;
inline constexpr std::size_t kHostTableMax =
    format::kHostsMax;  // 100,000; more are not seen, which is logged

/// The table at one moment; it does not change.  Cheap to copy: pointers.
class HostSnapshot {
 public:
  struct Entry {
    std::shared_ptr<const KnownHost> host;  // never null
    std::uint64_t version = 0;              // of the table, when this entry changed last
    bool is_gone = false;                   // no longer registered
  };

  /// A Host keeps its place for as long as the process runs, also when it is gone.
  const std::vector<Entry>& entries() const { return entries_; }
  /// Nothing where it is not known, or gone.
  const KnownHost* find(const HostId& id) const;
  std::optional<std::size_t> index_of(const HostId& id) const;
  /// Rises with every change: whoever keeps something per Host looks at entries with a higher version than
  /// last time.
  std::uint64_t version() const { return version_; }
  std::int64_t read_unix_s() const { return read_unix_s_; }

 private:
  friend class HostTable;
  std::vector<Entry> entries_;
  std::shared_ptr<const std::unordered_map<HostId, std::size_t>> index_ =
      std::make_shared<std::unordered_map<HostId, std::size_t>>();
  std::uint64_t version_ = 0;
  std::int64_t read_unix_s_ = 0;
};

/// One thread; reads on the pool.
class HostTable {
 public:
  HostTable(database::Database& database, net::WorkerPool& workers, const sys::Clock& clock)
      : database_(database), workers_(workers), clock_(clock) {}

  /// Not older than kHostTableAgeMs.  Who asks while it is being read waits for that.
  /// Errors: the database's, when there is nothing yet or it is older than a minute; else the older one is
  /// given.
  net::Awaitable<Result<std::shared_ptr<const HostSnapshot>>> snapshot();

 private:
  struct Read {
    std::vector<std::shared_ptr<const KnownHost>> hosts;
    bool is_whole = false;
    bool is_cut = false;  // at kHostTableMax
    std::int64_t begun_unix_s = 0;
  };
  /// Wakes those that wait for the one who reads, however it ends.
  class Done {
   public:
    explicit Done(HostTable& table) : table_(table) {}
    Done(const Done&) = delete;
    Done& operator=(const Done&) = delete;
    ~Done() {
      const auto reading = std::exchange(table_.reading_, nullptr);
      reading->notify();
    }

   private:
    HostTable& table_;
  };
  /// On the pool.
  Result<Read> read(std::int64_t since_unix_s, bool whole, std::shared_ptr<const HostSnapshot> before);
  net::Awaitable<Result<void>> refresh();
  void take(Read read);

  database::Database& database_;
  net::WorkerPool& workers_;
  const sys::Clock& clock_;
  std::shared_ptr<const HostSnapshot> now_;
  std::int64_t read_ms_ = 0, whole_ms_ = 0;  // steady
  std::shared_ptr<net::Event> reading_;      // there while it is being read
};

}  // namespace inxt::bridge
