// SPDX-License-Identifier: LGPL-3.0-or-later
// A Host's engine: answers the requests of inxt-wire(7), "Requests", from a store.  Handlers stand in files
// by subject (put, get, remove, contracts, audit, about); each sees the head first, decides, and only then
// reads a body.
//
// One thread: the server's executor.  Everything that waits for the disk, and signing, runs on the worker
// pool.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "crypto/sign.h"
#include "host/accept_list.h"
#include "host/audit_log.h"
#include "host/audit_records.h"
#include "host/buffer_pool.h"
#include "host/counters.h"
#include "host/identity.h"
#include "host/limits.h"
#include "host/piece_reports.h"
#include "host/reach.h"
#include "host/served_table.h"
#include "host/task_reports.h"
#include "host/shown_vouchers.h"
#include "host/vouched_accounts.h"
#include "net/http_server.h"
#include "net/worker_pool.h"
#include "plan/audit_rates.h"
#include "plan/monthly_traffic.h"
#include "plan/timetable.h"
#include "serve/answer.h"
#include "store/store.h"
#include "sys/clock.h"

namespace inxt::host {

using serve::Log;
using serve::LogField;
using serve::LogLevel;

/// How the background scrub goes: inxt-host(8), "Scrubbing".
struct ScrubOptions {
  std::int64_t period_s = 30 * 86400;                       // in which every piece is read once; 0: never
  std::optional<plan::DayWindow> hours;                     // only then
  std::uint64_t bytes_per_s_max = std::uint64_t{64} << 20;  // while it catches up
};

/// What the operator decides, and may change while the Host runs: Host::set_options().
struct Options {
  std::vector<std::string> addresses;  // as the descriptor announces them; at most format::kAddressesMax
  std::uint64_t price = 0;             // the least that an offer must name
  std::uint64_t term_seconds_max = 366 * 86400;          // the longest that a contract may run from now
  std::int64_t grace_s = 14 * 86400;                     // a contract is kept so long after its end
  std::optional<std::uint64_t> traffic_bytes_per_month;  // both directions together; over it no PUT is taken
  plan::Timetable rate_in, rate_out;                     // applied by run_bandwidth()
  ScrubOptions scrub;
  plan::AuditRateLimits audit_rates;
  RecordLimits records;
  Limits limits;
  AcceptList accept;  // who may make new contracts
  PeerList deny;      // who may not, whatever `accept` says
};

/// What it says of its own going: host/planned_absence.h, which keeps it.
struct PlannedAbsence {
  std::int64_t retiring_unix_s = 0;    // it wants to be gone by then; 0: it stays
  std::int64_t away_until_unix_s = 0;  // it may be silent until then; 0: it is here
  bool operator==(const PlannedAbsence&) const = default;
};

/// What the engine works with.  All of it outlives the engine.
struct Parts {
  store::Store& store;
  net::WorkerPool& workers;
  const sys::Clock& clock;
  crypto::Random& random;
  const crypto::SigningKey& key;
  Log& log;
};

class Inventory;
class VouchedFile;

class Host final : public net::Handler {
 public:
  Host(Parts parts, Options options);

  net::Awaitable<void> handle(net::ServerRequest& request, net::ServerResponse& response) override;

  /// From now on these hold; requests under way go on with what they have checked already.
  void set_options(Options options);
  /// Read-only: no new contracts, no renewals; reads, deletes and audits go on.  See host/drain.h, which
  /// keeps it.
  void set_draining(bool is_draining);
  /// Also while it retires.
  bool is_draining() const { return is_draining_ || is_retiring(); }
  /// A Host that retires takes nothing new, and lets go what others have taken over.
  void set_absence(const PlannedAbsence& absence);
  bool is_retiring() const { return absence_.retiring_unix_s != 0; }
  /// Without a pause that is over.
  PlannedAbsence planned_absence() const;
  /// From now on the descriptor announces these: signed anew when it is next asked for.
  void set_addresses(std::vector<std::string> addresses) {
    options_.addresses = std::move(addresses);
    descriptor_.clear();
  }
  /// Who it was before its key was rotated: the descriptor carries the succession, and what names a former id
  /// in an old contract's affairs means this Host.  Call it before the first request.
  void set_former(const Identity& identity);
  /// What it says of all that it holds, and why what it said is gone.  Call it before the first request; the
  /// inventory outlives the Host.
  void set_inventory(Inventory& inventory) { inventory_ = &inventory; }
  /// Nothing where there is none: a Host for a test.
  Inventory* inventory() const { return inventory_; }
  /// Where who vouched for whom outlives a kill.  Call it before the first request; the file outlives the
  /// Host.
  void set_vouched_file(VouchedFile& file) { vouched_file_ = &file; }
  /// Nothing where there is none: a Host for a test.
  VouchedFile* vouched_file() const { return vouched_file_; }
  /// The tokens that lead from a former id to the present one, oldest first; none from another id.
  std::vector<std::string> succession_from(const HostId& id) const;
  /// The present id, then the former ones.
  std::vector<HostId> ids() const;
  /// Whether `id` is this Host's or was.
  bool is_or_was(const HostId& id) const;
  /// The line of a hosts file that stands for this Host, at most limits.descriptor_ms old, with newline.
  Result<std::string> descriptor_line();

  const HostId& id() const { return id_; }
  const Parts& parts() const { return parts_; }
  const serve::Service& service() const { return service_; }
  const Options& options() const { return options_; }
  BufferPool& buffers() { return buffers_; }
  ReachLimits& reach_limits() { return reach_limits_; }
  plan::MonthlyTraffic& traffic() { return traffic_; }
  const plan::MonthlyTraffic& traffic() const { return traffic_; }
  const BufferPool& buffers() const { return buffers_; }
  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }
  ClockReport& clock_report() { return clock_report_; }
  const ClockReport& clock_report() const { return clock_report_; }
  ScrubReport& scrub_report() { return scrub_report_; }
  const ScrubReport& scrub_report() const { return scrub_report_; }
  AuditLog& audits() { return audits_; }
  const AuditLog& audits() const { return audits_; }
  plan::AuditRates& audit_rates() { return audit_rates_; }
  const plan::AuditRates& audit_rates() const { return audit_rates_; }
  AuditRecords& audit_records() { return audit_records_; }
  const AuditRecords& audit_records() const { return audit_records_; }
  RecordQueue& transfer_records() { return transfer_records_; }
  const RecordQueue& transfer_records() const { return transfer_records_; }
  ServedTable& served() { return served_; }
  VouchedAccounts& vouched() { return vouched_; }
  const VouchedAccounts& vouched() const { return vouched_; }
  ShownVouchers& shown_vouchers() { return shown_vouchers_; }
  PieceReports& reports() { return reports_; }
  const PieceReports& reports() const { return reports_; }
  std::set<store::Key>& renewing() { return renewing_; }  // contracts whose renewal is in work
  /// Contracts whose release has been kept since the start.
  std::set<crypto::Hash>& released() { return released_; }

 private:
  void apply_audit_rates();
  void set_read_only();

  Parts parts_;
  serve::Service service_;
  Options options_;
  HostId id_;
  std::vector<HostId> former_;           // oldest first
  std::vector<std::string> succession_;  // its tokens
  Inventory* inventory_ = nullptr;
  VouchedFile* vouched_file_ = nullptr;
  BufferPool buffers_;
  ReachLimits reach_limits_;
  plan::MonthlyTraffic traffic_;
  bool is_draining_ = false;
  PlannedAbsence absence_;
  ClockReport clock_report_;
  ScrubReport scrub_report_;
  Counters counters_;
  AuditLog audits_;
  plan::AuditRates audit_rates_;
  AuditRecords audit_records_;
  RecordQueue transfer_records_;
  ServedTable served_;
  VouchedAccounts vouched_;
  ShownVouchers shown_vouchers_;
  PieceReports reports_;
  std::set<store::Key> renewing_;
  std::set<crypto::Hash> released_;
  serve::RequestTable request_table_;
  std::string descriptor_;
  std::int64_t descriptor_made_ms_ = 0;
};

}  // namespace inxt::host
