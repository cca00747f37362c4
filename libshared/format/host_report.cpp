// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/host_report.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::string_view kType = "inxt-report";
constexpr std::array kKinds{ReportKind::lost, ReportKind::leaving, ReportKind::unwanted};

}  // namespace

std::string_view report_kind_name(ReportKind kind) {
  switch (kind) {
    case ReportKind::lost:
      return "lost";
    case ReportKind::leaving:
      return "leaving";
    case ReportKind::unwanted:
      return "unwanted";
  }
  return {};
}

Result<std::string> sign_report(const HostReport& report, const crypto::SigningKey& host) {
  return sign_token(kType,
                    {{"iss", report.host.hex()},
                     {"aud", to_hex(report.bridge)},
                     {"piece", report.piece.hex()},
                     {"account", report.account.hex()},
                     {"what", report_kind_name(report.kind)},
                     {"iat", report.issued_unix_s}},
                    host);
}

Result<HostReport> open_report(std::string_view token, std::optional<std::int64_t> now_unix_s) {
  if (token.size() > kReportTokenBytesMax)
    return fail(Code::integrity,
                fmt::format("report: longer than kReportTokenBytesMax ({})", kReportTokenBytesMax));
  const Token opened = TRY(open_token(kType, token));
  const Fields fields(opened.payload, "report");
  HostReport out;
  out.host.bytes = opened.issuer;
  TRY(fields.hex("aud", out.bridge));
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.account = TRY(fields.id<AccountId>("account"));
  const auto name = TRY(fields.text("what", 16));
  bool known = false;
  for (const auto kind : kKinds)
    if (report_kind_name(kind) == name) out.kind = kind, known = true;
  if (!known) return fields.bad("what", "not one of lost, leaving, unwanted");
  out.issued_unix_s = TRY(fields.time("iat"));
  if (now_unix_s &&
      (out.issued_unix_s > *now_unix_s + kClockSkewS || out.issued_unix_s < *now_unix_s - kClockSkewS))
    return fail(Code::denied, "report: iat: not from now, by more than an hour");
  return out;
}

}  // namespace inxt::format
