// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/report_rows.h"

#include <algorithm>

#include "support/bridge_hosts.h"

namespace inxt::bridge {
namespace {

using namespace inxt::testing;
using database::Transaction;

format::HostReport report_of(int host, int piece, format::ReportKind kind = format::ReportKind::lost) {
  format::HostReport report;
  report.host = host_id(host);
  report.piece.bytes.fill(static_cast<std::byte>(piece));
  report.account.bytes.fill(std::byte{9});
  report.kind = kind;
  return report;
}

}  // namespace

CONTRACT(listed, "reports are listed in pages, each once, with what the Host signed, and end by their age") {
  HostsWorld<World> world;
  const auto write = [&](auto work) {
    const auto done = world.database().write(work);
    if (!done) FAIL(done.error().what);
    return done;
  };
  for (const int host : {1, 2}) REQUIRE(world.enlist(registration_of(host)));
  std::vector<format::HostReport> given;
  for (const int host : {1, 2})
    for (int piece = 1; piece <= 3; ++piece) given.push_back(report_of(host, piece));
  given.push_back(report_of(1, 2, format::ReportKind::leaving));
  std::int64_t now = kHostsNow;
  for (const auto& report : given) {
    write([&](Transaction& t) { return keep_report(t, report, "token of " + report.piece.hex(), now); });
    ++now;
  }

  std::vector<KeptReport> seen;
  for (std::optional<ReportName> after; seen.size() < 100; after = seen.back().name) {
    const auto page =
        world.database().read([&](Transaction& t) { return list_reports(t, after, 2); }).value();
    CHECK(page.size() <= 2);
    if (page.empty()) break;
    seen.insert(seen.end(), page.begin(), page.end());
  }
  REQUIRE(seen.size() == given.size());
  for (const KeptReport& kept : seen) {
    CHECK(kept.token == "token of " + kept.name.piece.hex());
    CHECK(std::ranges::count_if(given, [&](const format::HostReport& report) {
            return report.host == kept.name.host && report.piece == kept.name.piece &&
                   report.account == kept.name.account &&
                   format::report_kind_name(report.kind) == kept.name.kind;
          }) == 1);
  }
  CHECK(seen.front().received_unix_s >= kHostsNow);

  write([&](Transaction& t) { return forget_reports(t, kHostsNow + kReportDays * 86400 + 3); });
  CHECK(world.database().read([&](Transaction& t) { return list_reports(t, {}, 100); })->size() ==
        given.size() - 3);
}

}  // namespace inxt::bridge
