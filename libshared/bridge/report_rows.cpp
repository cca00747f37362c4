// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/report_rows.h"

#include <fmt/format.h>

namespace inxt::bridge {
namespace {

std::vector<KeptReport> reports_in(const database::Rows& rows) {
  std::vector<KeptReport> out;
  for (const database::Row row : rows)
    out.push_back({.name = {.host = row.id<HostId>(0),
                            .piece = row.id<PieceId>(1),
                            .account = row.id<AccountId>(2),
                            .kind = std::string(row.text(3))},
                   .token = std::string(row.text(4)),
                   .received_unix_s = row.integer(5)});
  return out;
}

}  // namespace

Result<void> keep_report(database::Transaction& transaction, const format::HostReport& report,
                         std::string_view token, std::int64_t now_unix_s) {
  const auto known = TRY(transaction.query("SELECT 1 FROM hosts WHERE host = $1", {report.host}));
  if (known.empty())
    return fail(Code::not_found, "this Host has not registered", "POST /v1/hosts comes first");
  const auto kept = TRY(
      transaction.query("SELECT count(*) FROM (SELECT 1 FROM host_reports WHERE host = $1 LIMIT $2) AS kept",
                        {report.host, kReportsPerHostMax}));
  if (kept[0].integer(0) >= kReportsPerHostMax)
    return fail(Code::quota,
                fmt::format("this Host has {} reports here (reports_per_host_max)", kReportsPerHostMax));
  TRY(transaction.execute(
      "INSERT INTO host_reports (host, piece, account, what, token, received) "
      "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
      {report.host, report.piece, report.account, format::report_kind_name(report.kind), token, now_unix_s}));
  return {};
}

Result<std::vector<KeptReport>> list_reports(database::Transaction& transaction,
                                             const std::optional<ReportName>& after, std::int64_t limit) {
  const ByteView none;  // no blob is less than the empty one
  const auto rows = TRY(
      transaction.query("SELECT host, piece, account, what, token, received FROM host_reports "
                        "WHERE (host, piece, account, what) > ($1, $2, $3, $4) "
                        "ORDER BY host, piece, account, what LIMIT $5",
                        {after ? after->host.view() : none, after ? after->piece.view() : none,
                         after ? after->account.view() : none, after ? after->kind : std::string(), limit}));
  return reports_in(rows);
}

Result<std::vector<KeptReport>> reports_since(database::Transaction& transaction,
                                              std::int64_t received_unix_s, std::int64_t limit) {
  // A second is not cut: who goes on from its time would meet its first ones again and never get further.
  const auto rows = TRY(transaction.query(
      "SELECT host, piece, account, what, token, received FROM host_reports "
      "WHERE received >= $1 AND received <= (SELECT COALESCE(max(received), $1) FROM "
      "(SELECT received FROM host_reports WHERE received >= $1 ORDER BY received LIMIT $2) AS first_ones) "
      "ORDER BY received",
      {received_unix_s, limit}));
  return reports_in(rows);
}

Result<std::int64_t> forget_reports(database::Transaction& transaction, std::int64_t now_unix_s) {
  return transaction.execute("DELETE FROM host_reports WHERE received < $1",
                             {now_unix_s - kReportDays * 86400});
}

}  // namespace inxt::bridge
