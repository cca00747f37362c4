// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host reports to its Bridge about one piece, signed.  Format: inxt-token(5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "crypto/sign.h"

namespace inxt::format {

inline constexpr std::size_t kReportTokenBytesMax = 1024;

enum class ReportKind {
  lost,      // the Host has the piece no more, or damaged: it says so before an audit does
  leaving,   // it will give the piece up before its term ends
  unwanted,  // its operator does not want to store for this account
};
std::string_view report_kind_name(ReportKind kind);

struct HostReport {
  HostId host;
  crypto::PublicKey bridge{};
  PieceId piece;
  AccountId account;
  ReportKind kind = ReportKind::lost;
  std::int64_t issued_unix_s = 0;
};

Result<std::string> sign_report(const HostReport& report, const crypto::SigningKey& host);

/// Form, type and the signature by the Host that it names.
/// Errors: integrity; with `now_unix_s`, denied when it is not from now, give or take kClockSkewS.
Result<HostReport> open_report(std::string_view token, std::optional<std::int64_t> now_unix_s);

}  // namespace inxt::format
