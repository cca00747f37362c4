// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/report_control.h"

#include <nlohmann/json.hpp>

#include "bridge/account_control.h"
#include "bridge/report_rows.h"

namespace inxt::bridge {
namespace {

constexpr std::size_t kKindBytesMax = 32;

Result<std::optional<ReportName>> read_after(std::string_view body) {
  const auto json = TRY(read_command(body));
  const auto after = json.find("after");
  if (after == json.end()) return std::nullopt;
  if (!after->is_object()) return fail(Code::integrity, "reports: after: not an object");
  const format::Fields fields(*after, "reports: after");
  return ReportName{.host = TRY(fields.id<HostId>("host")),
                    .piece = TRY(fields.id<PieceId>("piece")),
                    .account = TRY(fields.id<AccountId>("account")),
                    .kind = TRY(fields.text("what", kKindBytesMax))};
}

format::Json json_of(const KeptReport& report) {
  return {{"type", "report"},
          {"received", report.received_unix_s},
          {"host", report.name.host.hex()},
          {"what", report.name.kind},
          {"piece", report.name.piece.hex()},
          {"account", report.name.account.hex()},
          {"token", report.token}};
}

}  // namespace

net::Awaitable<Result<std::string>> list_reports_for_operator(Bridge& bridge, std::string_view body) {
  const Parts& parts = bridge.parts();
  Result<std::optional<ReportName>> after = read_after(body);
  if (!after) co_return std::unexpected(std::move(after).error());
  const auto job = [&] {
    return parts.database.read([&](database::Transaction& transaction) {
      return list_reports(transaction, *after, static_cast<std::int64_t>(kReportsPerAnswerMax));
    });
  };
  Result<std::vector<KeptReport>> reports = co_await parts.workers.run(job);
  if (!reports) co_return std::unexpected(std::move(reports).error());
  auto list = format::Json::array();
  for (const KeptReport& each : *reports) list.push_back(json_of(each));
  format::Json answer;
  answer["reports"] = std::move(list);
  co_return format::write_compact(answer);
}

}  // namespace inxt::bridge
