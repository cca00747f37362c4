// SPDX-License-Identifier: AGPL-3.0-or-later
#include "options.h"

#include "bridge/healer_options.h"
#include "format/contract.h"
#include "sys/service.h"

namespace inxt::tools {

namespace {

constexpr std::int64_t kConnectionsMax = 1'000'000;
constexpr std::int64_t kWorkersMax = 256;
constexpr std::int64_t kHostsPerNetworkMax = 1'000'000;
constexpr std::int64_t kNewAuditsMax = 10'000;
constexpr auto kPriceMax = static_cast<std::int64_t>(format::kPriceMax);

}  // namespace

void declare(cli::Command& command, BridgeOptions& options) {
  command
      .text("--data", "DIR", options.data,
            "folder of this Bridge's key and, where it is SQLite's, of its database")
      .setting();
  command
      .text("--database", "URL", options.database,
            "sqlite:FILE or postgresql://... without a password (bridge.sqlite in the folder)")
      .setting();
  command.texts("--listen", "ADDR:PORT", options.listen, "where to listen (127.0.0.1:4243); may be repeated")
      .setting();
  command
      .texts("--announce", "ADDR:PORT", options.announce,
             "where others reach this Bridge (what it finds); may be repeated")
      .setting();
  command
      .text("--local", "ADDR:PORT", options.local,
            "where to show a page and metrics, on this machine only (nowhere)")
      .setting();
  command.number("--workers", "N", options.workers, 1, kWorkersMax, "threads for the database (8)").setting();
  command.number("--connections", "N", options.connections, 1, kConnectionsMax, "connections at once (4096)")
      .setting();
  command
      .number("--connections-per-peer", "N", options.connections_per_peer, 1, kConnectionsMax,
              "connections at once from one address (256)")
      .setting();
  command
      .number("--requests-per-peer", "N", options.requests_per_peer, 1, kConnectionsMax,
              "requests in work at once for one address (64)")
      .setting();
  command
      .number("--hosts-per-network", "N", options.hosts_per_network, 1, kHostsPerNetworkMax,
              "Hosts that may register from one /24 or /48 (64)")
      .setting();
  command
      .number("--registrations-per-hour", "N", options.registrations_per_hour, 1, kHostsPerNetworkMax,
              "of these within an hour (32)")
      .setting();
  command.duration("--heartbeat", "TIME", options.heartbeat_s, "how often Hosts are to beat (60s)").setting();
  command
      .duration("--probe-interval", "TIME", options.probe_interval_s,
                "how often to look whether a Host can be reached (5min)")
      .setting();
  command
      .duration("--speed-interval", "TIME", options.speed_interval_s,
                "how often to measure its speed and to audit it (1d)")
      .setting();
  command
      .flag("--allow-private-addresses", options.allow_private_addresses,
            "take Hosts that only this machine or network can reach")
      .setting();
  command
      .number("--new-audits", "N", options.new_audits, 0, kNewAuditsMax,
              "audits until a Host is no longer new, one a day at most (14)")
      .setting();
  command
      .duration("--repair-grace", "TIME", options.repair_grace_s,
                "how long a Host may be silent before its pieces are made anew (12h)")
      .setting();
  command.size("--repair-bytes", "SIZE", options.repair_bytes, "what repairs may move in a day (1TiB)")
      .setting();
  command
      .number("--repair-price", "N", options.repair_price, 0, kPriceMax,
              "the most that a piece made anew may cost, or what most Hosts of its segment ask (0)")
      .setting();
  command
      .duration("--care-audit-interval", "TIME", options.care_audit_interval_s,
                "how often to audit what Hosts hold of entrusted files (1d)")
      .setting();
  command
      .number("--test-haste", "N", options.test_haste, 1, bridge::kHasteMax,
              "divide the waits of repairs: for tests")
      .setting();
  command.flag("--test-seed", options.test_seed, "take clients' seeds for placements: for tests").setting();
  command.config_file("--config", "settings, as JSON: {\"data\": ..., \"listen\": ...}");

  cli::Command& checking = command.subcommand(
      "check", "check settings, folder, key and database, and change nothing", options.command);
  checking.positional("DIR", options.folder, "the Bridge's folder");
  checking.flag("--quick", options.quick, "as before a start: not all of a database in a file");
  checking.config_file("--config", "check these settings");
  command.subcommand("descriptor", "print the running Bridge's line for a bridge file", options.command)
      .positional("DIR", options.folder, "the Bridge's folder");
  command
      .subcommand("status", "ask the running Bridge how it is: text on a terminal, else a JSON line",
                  options.command)
      .positional("DIR", options.folder, "the Bridge's folder");
  cli::Command& grant =
      command.subcommand("grant", "give an account a permit: prints its bridge file", options.command);
  grant.positional("KEY", options.holder, "the account's key: `inxt-key show --for-host BRIDGEID`");
  grant.positional("DIR", options.folder, "the Bridge's folder");
  grant.size("--quota", "SIZE", options.quota_bytes, "how much it may use, with redundancy");
  grant.duration("--term", "DURATION", options.term_s, "for how long");
  grant.text("--can", "WHAT,...", options.can,
             "audit, create, delete, list, read, share, write (all of them)");
  grant.text("--note", "TEXT", options.note, "what it is kept under here");
  command.subcommand("accounts", "list the permits that were given, and what is used", options.command)
      .positional("DIR", options.folder, "the Bridge's folder");
  cli::Command& revoke = command.subcommand(
      "revoke", "take a permit back, with all that was handed on from it", options.command);
  revoke.positional("PERMIT", options.permit, "its id, as `accounts` and `inxt-permit show` say it");
  revoke.positional("DIR", options.folder, "the Bridge's folder");
  command
      .subcommand("reports", "list what Hosts have reported: pieces that they lost or give up",
                  options.command)
      .positional("DIR", options.folder, "the Bridge's folder");
  command
      .subcommand("repairs", "list what was repaired of entrusted files, and what could not be",
                  options.command)
      .positional("DIR", options.folder, "the Bridge's folder");
  command.epilog(
      "SIGTERM finishes what is in flight, for 20 s at most.\n\n"
      "  inxt-bridge --data /srv/bridge --listen 0.0.0.0:4243 --announce 192.0.2.7:4243\n"
      "  inxt-bridge grant KEY /srv/bridge --quota 1TB --term 365d > bridge");
}

Result<std::string> data_folder(const BridgeOptions& options) {
  if (options.folder) return *options.folder;
  if (options.data) return *options.data;
  auto state = sys::state_directory();
  if (!state) state.error().hint = "say with --data which one is the Bridge's";
  if (const auto folder = TRY(std::move(state))) return *folder;
  return fail(Code::usage, "no folder is named", "give --data DIR, or set INXT_DATA");
}

}  // namespace inxt::tools
