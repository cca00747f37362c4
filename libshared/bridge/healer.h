// SPDX-License-Identifier: LGPL-3.0-or-later
// Keeps entrusted files whole: hears of Hosts that fall silent, leave, lose or spoil pieces, audits what they
// hold, and has segments repaired as plan/repair_plan.h decides.  Manual: inxt-durability(7), inxt-bridge(8),
// "Repairs".
//
// Of several processes one decides at a time (repair_rows.h).  What it knows comes from the rows of care and
// of Hosts, so one that is killed is followed by another that knows the same.  A piece counts at its new Host
// when that has shown blocks of it, and only then; what a repair that was killed had stored is found by the
// next one, because where it goes was written down first.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>

#include "bridge/care_reader.h"
#include "bridge/care_seal.h"
#include "bridge/directory.h"
#include "bridge/healer_counts.h"
#include "bridge/healer_handover.h"
#include "bridge/healer_mind.h"
#include "bridge/healer_options.h"
#include "bridge/placer.h"
#include "bridge/reading_leases.h"
#include "bridge/repair_rows.h"
#include "proof/challenge.h"
#include "transfer/http_piece_service.h"
#include "transfer/rebuild.h"

namespace inxt::bridge {

inline constexpr std::size_t kRepairsAtOnce = 64;
/// Repairs under way have no more pieces in memory than this, or it is one.
inline constexpr std::uint64_t kRepairsMemoryBytes = 256 * 1024 * 1024;
inline constexpr std::size_t kAuditsAtOnce = 4;          // Hosts
inline constexpr std::size_t kAuditedSegmentsMax = 256;  // of one Host, at each of its audits
inline constexpr std::size_t kDoubtsAtOnceMax = 64;      // readers' reports, taken in a turn
inline constexpr std::size_t kDoubtsWaitingMax = 4096;   // not looked into, as their Hosts have shown enough
inline constexpr std::size_t kDoubtsPerHostMax = 8;      // of these; the others are left to audits
inline constexpr std::size_t kReportsAtOnceMax = 1000;   // Hosts' reports

/// All of it outlives the healer.
struct HealerParts {
  net::Executor executor;
  database::Database& database;
  net::WorkerPool& workers;
  const sys::Clock& clock;
  crypto::Random& random;
  const crypto::SigningKey& key;
  serve::Log& log;
  Directory& directory;
  Placer& placer;
};

/// One thread: the executor's.
class Healer {
 public:
  Healer(const HealerParts& parts, const HealerOptions& options);
  ~Healer();
  Healer(const Healer&) = delete;
  Healer& operator=(const Healer&) = delete;

  /// Begins to decide where nobody else does.
  void start(serve::Background& background);
  /// Begins nothing more, ends repairs and releases where they stand, and lets another process go on.  Before
  /// the tasks are cancelled: what a repair has done is written down.  Waits for no Host.
  net::Awaitable<void> stop();

  const HealerCounts& counts() const { return counts_; }
  HealerNow now() const;

 private:
  struct Work;  // what it knows while it decides
  struct Repair;
  struct Audit;
  struct AuditJob {
    std::shared_ptr<Work> work;
    std::uint32_t host = 0;
    bool is_ordered = false;  // by the plan
  };
  struct Releasable {
    std::optional<CareContract> contract;
    std::optional<CareText> text;
  };
  /// Counts while it lives.
  class Busy {
   public:
    explicit Busy(Healer& healer) : healer_(healer) { ++healer_.busy_; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;
    ~Busy() {
      --healer_.busy_;
      healer_.changed_.notify();
    }

   private:
    Healer& healer_;
  };
  struct RepairJob {
    std::shared_ptr<Work> work;
    plan::RepairOrder order;
    CareSegmentKey key = 0;  // of its segment: the plan gives a number that is free to another one
    std::uint64_t memory_bytes = 0;
  };
  /// Memory of a repair while it lives.
  class Memory {
   public:
    Memory(Healer& healer, std::uint64_t bytes) : healer_(healer), bytes_(bytes) {
      healer_.memory_bytes_ += bytes_;
    }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory() { healer_.memory_bytes_ -= bytes_; }

   private:
    Healer& healer_;
    std::uint64_t bytes_;
  };

  // healer.cpp
  net::Awaitable<void> run();
  net::Awaitable<Result<bool>> lead();
  net::Awaitable<Result<void>> turn(std::shared_ptr<Work> work);
  void take_orders(const std::shared_ptr<Work>& work);
  net::Awaitable<Result<void>> learn_hosts(std::shared_ptr<Work> work);
  net::Awaitable<Result<void>> learn_care(std::shared_ptr<Work> work);
  net::Awaitable<Result<void>> learn_reports(std::shared_ptr<Work> work);
  net::Awaitable<Result<void>> learn_doubts(std::shared_ptr<Work> work);
  std::optional<transfer::HostAddress> address_of(const HostId& id) const;
  transfer::Network network(transfer::PieceService& service);
  void say(std::string_view event, const Error& error);

  // healer_audit.cpp
  void plan_audits(const std::shared_ptr<Work>& work);
  net::Awaitable<void> run_audits();
  net::Awaitable<Result<void>> audit(AuditJob job);
  net::Awaitable<Result<void>> audit_some(const AuditJob& job, std::vector<std::uint32_t> segments,
                                          Audit& audit);
  net::Awaitable<void> run_doubts();
  net::Awaitable<Result<bool>> check_doubt(std::shared_ptr<Work> work, CareDoubt doubt);
  net::Awaitable<Result<bool>> shows_all(const transfer::HostAddress& host, const proof::SetPiece& piece);

  /// What a Host answers; when the process ends first, try_again, and nobody knows whether it has done it.
  template <class T>
  net::Awaitable<Result<T>> unless_stopping(net::Awaitable<Result<T>> asked);
  net::Awaitable<void> stopping();

  // healer_repair.cpp
  bool may_begin() const;
  net::Awaitable<void> run_repairs();
  net::Awaitable<bool> carry_out(std::shared_ptr<Work> work, plan::RepairOrder order, CareSegmentKey key);
  net::Awaitable<bool> rebuild(std::shared_ptr<Work> work, plan::Rebuild order, CareSegmentKey key);
  net::Awaitable<Result<void>> prepare(Repair& repair);
  Result<void> choose(const Work& work, Repair& repair);
  net::Awaitable<void> note_unplaced(const Repair& repair, const Error& why);
  net::Awaitable<Result<bool>> begin(const Work& work, Repair& repair);
  net::Awaitable<Result<transfer::RebuildReport>> remake(const Work& work, Repair& repair);
  net::Awaitable<Result<void>> settle(std::shared_ptr<Work> work, Repair& repair,
                                      const Result<transfer::RebuildReport>& report);
  net::Awaitable<void> take_back(const transfer::RebuildReport& report, const Repair& repair);
  net::Awaitable<Result<void>> release(std::shared_ptr<Work> work, plan::ReleasePiece order,
                                       CareSegmentKey key);
  net::Awaitable<Result<void>> release_retiring(std::shared_ptr<Work> work, plan::ReleasePiece order,
                                                CareSegmentKey key);
  net::Awaitable<Result<Releasable>> find_releasable(const Work& work, plan::ReleasePiece order,
                                                     CareSegmentKey key);
  static std::optional<Handover> handover(const Work& work, plan::ReleasePiece order, CareSegmentKey key,
                                          std::span<const PlaceOfCare> places);
  void release_later(Work& work, plan::ReleasePiece order, CareSegmentKey key);
  net::Awaitable<Result<void>> remove_ours(HostId host, std::uint16_t place, const Releasable& found);

  HealerParts parts_;
  HealerOptions options_;
  HealerId healer_;
  CareSeal seal_;
  net::HttpClient http_;
  transfer::HttpPieceService asking_;  // under the Bridge's own key
  ReadingLeases::All leases_;
  transfer::HttpPieceService leasing_;  // the same, with what leases_ has for each piece
  net::Event changed_;                  // a queue, or what a worker has done
  std::deque<AuditJob> audits_;
  std::deque<RepairJob> repairs_;
  std::shared_ptr<const HostSnapshot> hosts_;
  std::shared_ptr<Work> work_;
  std::int64_t watched_since_unix_s_ = 0;
  std::int64_t led_unix_s_ = 0;  // when the lease was renewed
  std::size_t busy_ = 0;         // repairs under way
  std::uint64_t memory_bytes_ = 0;
  bool is_stopping_ = false;
  HealerCounts counts_;
};

}  // namespace inxt::bridge
