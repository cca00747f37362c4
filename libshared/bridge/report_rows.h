// SPDX-License-Identifier: LGPL-3.0-or-later
// What Hosts report about pieces, in the database.  Each function is a part of the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "database/transaction.h"
#include "format/host_report.h"

namespace inxt::bridge {

inline constexpr std::int64_t kReportsPerHostMax = 10'000;  // reports_per_host_max
inline constexpr std::int64_t kReportDays = 90;             // older ones are forgotten

/// The same report twice is one.
/// Errors: not_found for a Host that has not registered; quota naming reports_per_host_max; the database's.
Result<void> keep_report(database::Transaction& transaction, const format::HostReport& report,
                         std::string_view token, std::int64_t now_unix_s);

/// What makes it one report, in the order of lists.
struct ReportName {
  HostId host;
  PieceId piece;
  AccountId account;
  std::string kind;
};
struct KeptReport {
  ReportName name;
  std::string token;
  std::int64_t received_unix_s = 0;
};
/// Those behind `after`, ascending by their names, at most `limit`.
Result<std::vector<KeptReport>> list_reports(database::Transaction& transaction,
                                             const std::optional<ReportName>& after, std::int64_t limit);
/// Those received at this time or later, oldest first, at most `limit`; all of the last one's second.
Result<std::vector<KeptReport>> reports_since(database::Transaction& transaction,
                                              std::int64_t received_unix_s, std::int64_t limit);

Result<std::int64_t> forget_reports(database::Transaction& transaction, std::int64_t now_unix_s);

}  // namespace inxt::bridge
