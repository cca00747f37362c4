// SPDX-License-Identifier: AGPL-3.0-or-later
#include "term_options.h"

#include "cli/units.h"

namespace inxt::tools {

namespace {

constexpr std::int64_t kConnectionsMax = 1'000'000;

void declare_rates(cli::Command& command, std::string_view name, plan::Timetable& to, std::string help) {
  cli::Option& option = command.value(
      name, "RATE",
      [&to](std::string_view text) -> Result<void> {
        if (to.size() >= plan::kTimedRatesMax)
          return fail(Code::usage, "more than kTimedRatesMax (48) rates are given");
        to.push_back(TRY(parse_timed_rate(text)));
        return {};
      },
      std::move(help));
  option.repeats = true;
  option.setting();
}

/// One rate without hours.
void declare_rate(cli::Command& command, std::string_view name, std::optional<std::uint64_t>& to, std::string help) {
  command
      .value(
          name, "RATE",
          [&to, name = std::string(name)](std::string_view text) -> Result<void> {
            const plan::TimedRate rate = TRY(parse_timed_rate(text));
            if (rate.window) return fail(Code::usage, name + " takes no hours");
            to = rate.bytes_per_s;
            return {};
          },
          std::move(help))
      .setting();
}

}  // namespace

Result<plan::TimedRate> parse_timed_rate(std::string_view text) {
  const std::size_t at = text.find('@');
  std::string_view size = text.substr(0, at);
  if (size.ends_with("/s")) size.remove_suffix(2);
  plan::TimedRate rate;
  rate.bytes_per_s = TRY(cli::parse_size(size));
  if (rate.bytes_per_s == 0)
    return fail(Code::usage, "a rate of 0 is none", "to take nothing new, use `inxt-host drain`");
  if (at != std::string_view::npos) rate.window = TRY(plan::DayWindow::parse(text.substr(at + 1)));
  return rate;
}

void declare_terms(cli::Command& command, TermOptions& options) {
  command
      .size("--reserve", "SIZE", options.reserve_bytes,
            "bytes that are left free on the file system (256MiB)")
      .setting();
  command
      .text("--deny", "FILE", options.deny,
            "whom not to serve, whatever --accept says: a file of accounts and Bridges, read again on SIGHUP")
      .setting();
  declare_rates(command, "--limit", options.limit,
                "bytes a second in each direction, such as 20MiB/s, or 20MiB/s@08:00-18:00; the first that "
                "holds counts; may be repeated");
  declare_rates(command, "--limit-in", options.limit_in, "the same, of what comes in; before --limit");
  declare_rates(command, "--limit-out", options.limit_out, "the same, of what goes out; before --limit");
  command
      .size("--traffic", "SIZE", options.traffic_bytes,
            "bytes in and out in a calendar month; over it nothing new is taken")
      .setting();
  command.number("--connections", "N", options.connections, 1, kConnectionsMax, "connections at once (4096)")
      .setting();
  command
      .number("--connections-per-peer", "N", options.connections_per_peer, 1, kConnectionsMax,
              "connections at once from one address (256)")
      .setting();
  command.duration("--grace", "TIME", options.grace_s, "how long a contract is kept after its end (14d)")
      .setting();
  command
      .duration("--scrub-period", "TIME", options.scrub_period_s,
                "in which every piece is read and checked once (30d); 0 is never")
      .setting();
  command
      .value(
          "--scrub-hours", "HH:MM-HH:MM",
          [&options](std::string_view text) -> Result<void> {
            options.scrub_hours = TRY(plan::DayWindow::parse(text));
            return {};
          },
          "when the scrub may read (always)")
      .setting();
  declare_rate(command, "--scrub-rate", options.scrub_bytes_per_s,
               "the most that the scrub reads in a second while it catches up (64MiB/s)");
  declare_rate(command, "--audit-rate", options.audit_bytes_per_s,
               "what answers to audits may take, of all who ask together: bytes a second on an average (64KiB/s)");
  declare_rate(command, "--audit-rate-per-peer", options.audit_bytes_per_s_per_peer,
               "the same for each who asks (16KiB/s)");
  command
      .size("--keep-audits", "SIZE", options.keep_audits_bytes,
            "how much is kept of what was asked in audits, and answered (64MiB); 0 is nothing")
      .setting();
  command
      .size("--keep-transfers", "SIZE", options.keep_transfers_bytes,
            "how much is kept of readers' receipts and of orders to delete (64MiB); 0 is nothing")
      .setting();
}

Result<void> apply_terms(const TermOptions& options, host::Options& terms, net::ServerLimits& server) {
  const auto joined = [&](plan::Timetable rates) {
    rates.insert(rates.end(), options.limit.begin(), options.limit.end());
    return rates;
  };
  terms.rate_in = joined(options.limit_in);
  terms.rate_out = joined(options.limit_out);
  terms.traffic_bytes_per_month = options.traffic_bytes;
  if (options.grace_s) terms.grace_s = *options.grace_s;
  if (options.scrub_period_s) terms.scrub.period_s = *options.scrub_period_s;
  terms.scrub.hours = options.scrub_hours;
  if (options.scrub_bytes_per_s) terms.scrub.bytes_per_s_max = *options.scrub_bytes_per_s;
  if (options.audit_bytes_per_s) terms.audit_rates.bytes_per_s = *options.audit_bytes_per_s;
  if (options.audit_bytes_per_s_per_peer)
    terms.audit_rates.bytes_per_s_per_peer = *options.audit_bytes_per_s_per_peer;
  if (options.keep_audits_bytes) terms.records.audit_bytes_max = *options.keep_audits_bytes;
  if (options.keep_transfers_bytes) terms.records.transfer_bytes_max = *options.keep_transfers_bytes;
  if (options.deny) terms.deny = TRY(host::PeerList::load(*options.deny));
  if (options.connections) server.connections_max = *options.connections;
  if (options.connections_per_peer) server.connections_per_address_max = *options.connections_per_peer;
  return {};
}

}  // namespace inxt::tools
