// SPDX-License-Identifier: LGPL-3.0-or-later
// How a running Host is, for its operator: one plain value that the JSON of `inxt-host status`, its text, the
// metrics and the page are written from.  Manual: inxt-host(8), "Watching a Host".
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "host/audit_log.h"
#include "host/bridge_status.h"
#include "host/counters.h"
#include "host/host.h"
#include "serve/service_status.h"
#include "store/store.h"

namespace inxt::host {

using serve::level_name;
using serve::Notice;

inline constexpr std::array<std::int64_t, 3> kEndingDays{7, 30, 90};
inline constexpr std::size_t kAuditsShownMax = 100;  // of either kind

struct ContractsEnding {
  std::int64_t days = 0;  // from now
  std::uint64_t pieces = 0;
  std::uint64_t bytes = 0;  // of their files
};

struct MonthOfTraffic {
  std::string month;  // "2026-11", of the operator's calendar
  std::uint64_t in_bytes = 0, out_bytes = 0;
  std::optional<std::uint64_t> limit_bytes = {};  // of both together
};

/// How far the scrub is: inxt-host(8), "Scrubbing".
struct ScrubProgress {
  std::int64_t period_s = 0;        // 0: it is off
  std::int64_t began_unix_s = 0;    // this pass
  std::uint64_t done_permille = 0;  // of this pass
  std::uint64_t due_permille = 0;   // where it should be by now
};

/// The latest head of the inventory: inxt-host(8), "The inventory".
struct InventoryStatus {
  std::string head;  // its hash in hex
  std::int64_t epoch = 0;
  std::int64_t time_unix_s = 0;
  std::uint64_t pieces = 0;
  std::uint64_t bytes = 0;
  std::uint64_t made = 0;      // heads since the start
  std::uint64_t released = 0;  // contracts that were let go and that a head may still list
};

/// A move to another disk that is under way.
struct MoveStatus {
  std::string to;
  std::uint64_t moved_bytes = 0;  // since this process began
  std::uint64_t done_permille = 0;
  std::string trouble = {};  // why it waits; empty when it does not
};

struct Status : serve::ServiceStatus {
  HostId host;
  bool is_draining = false;
  PlannedAbsence absence;

  store::Stats store;
  std::vector<ContractsEnding> ending;  // by days; empty where the terms are not known
  std::optional<MonthOfTraffic> month;
  std::optional<ScrubProgress> scrub;
  std::optional<InventoryStatus> inventory;
  std::optional<MoveStatus> move;
  std::vector<BridgeStatus> bridges;  // as they were named
  Counters counters;
  std::vector<AuditEntry> audits;           // the latest first
  std::vector<AuditEntry> troubled_audits;  // that the disk spoiled
  std::uint64_t audit_bytes_left = 0;       // that answers to audits may take now
  std::uint64_t records_lost = 0;

  std::size_t buffers_used_bytes = 0, buffers_max_bytes = 0;
};

/// What the operator should look at, the worst first.
std::vector<Notice> notices(const Status& status);

/// One JSON object, schema host-status.json.
std::string status_json(const Status& status);
/// Some twenty lines for a terminal.
std::string status_text(const Status& status);

}  // namespace inxt::host
