// SPDX-License-Identifier: AGPL-3.0-or-later
// Options about what the operator lets peers use, and for how long.  Manual: inxt-host(8), "Limits", "Lists",
// "Terms", "Scrubbing".
#pragma once

#include "cli/command.h"
#include "host/host.h"
#include "net/http_server.h"

namespace inxt::tools {

inline constexpr std::uint64_t kReserveBytesDefault = std::uint64_t{256} << 20;

struct TermOptions {
  std::optional<std::uint64_t> reserve_bytes;
  std::optional<std::string> deny;
  plan::Timetable limit, limit_in, limit_out;
  std::optional<std::uint64_t> traffic_bytes;
  std::optional<std::uint32_t> connections, connections_per_peer;
  std::optional<std::int64_t> grace_s;
  std::optional<std::int64_t> scrub_period_s;
  std::optional<plan::DayWindow> scrub_hours;
  std::optional<std::uint64_t> scrub_bytes_per_s;
  std::optional<std::uint64_t> audit_bytes_per_s, audit_bytes_per_s_per_peer;
  std::optional<std::uint64_t> keep_audits_bytes, keep_transfers_bytes;
};

void declare_terms(cli::Command& command, TermOptions& options);

/// "20MiB/s@08:00-18:00"; "/s" may be missing, and the hours.  Errors: usage; also for 0.
Result<plan::TimedRate> parse_timed_rate(std::string_view text);

/// Puts the options into the Host's, and reads the deny list.  Errors: those of the list.
Result<void> apply_terms(const TermOptions& options, host::Options& terms, net::ServerLimits& server);

}  // namespace inxt::tools
