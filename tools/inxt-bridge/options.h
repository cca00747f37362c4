// SPDX-License-Identifier: AGPL-3.0-or-later
// What inxt-bridge is told.  Manual: inxt-bridge(8).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/world.h"

namespace inxt::tools {

inline constexpr std::uint16_t kPortDefault = 4243;
inline constexpr std::string_view kNoun = "Bridge";  // what messages call it

struct BridgeOptions {
  std::string command;  // empty: serve
  std::optional<std::string> data;
  std::optional<std::string> database;
  std::vector<std::string> listen;
  std::vector<std::string> announce;
  std::optional<std::string> local;
  std::uint32_t workers = 8;
  std::optional<std::uint32_t> connections, connections_per_peer;
  std::optional<std::uint32_t> requests_per_peer;
  std::optional<std::int64_t> heartbeat_s, probe_interval_s, speed_interval_s;
  std::optional<std::uint32_t> hosts_per_network, registrations_per_hour;
  bool allow_private_addresses = false;
  std::optional<std::uint32_t> new_audits;
  bool test_seed = false;
  std::optional<std::int64_t> repair_grace_s, care_audit_interval_s;
  std::optional<std::uint64_t> repair_bytes;
  std::uint64_t repair_price = 0;
  std::optional<std::uint32_t> test_haste;
  std::optional<std::string> folder;  // of a subcommand
  bool quick = false;                 // check

  // grant, revoke
  std::string holder, permit;
  std::optional<std::uint64_t> quota_bytes;
  std::optional<std::int64_t> term_s;
  std::optional<std::string> can, note;
};

void declare(cli::Command& command, BridgeOptions& options);
/// The folder that was given to the subcommand, else --data, else the service manager's $STATE_DIRECTORY.
/// Errors: usage.
Result<std::string> data_folder(const BridgeOptions& options);
Result<cli::Exit> work(cli::World& world, const BridgeOptions& options);

Result<cli::Exit> run_daemon(cli::World& world, const BridgeOptions& options);
Result<cli::Exit> descriptor(cli::World& world, const BridgeOptions& options);
Result<cli::Exit> status(cli::World& world, const BridgeOptions& options);
Result<cli::Exit> grant(cli::World& world, const BridgeOptions& options);
Result<cli::Exit> accounts(cli::World& world, const BridgeOptions& options);
Result<cli::Exit> check(cli::World& world, const BridgeOptions& options);
Result<cli::Exit> reports(cli::World& world, const BridgeOptions& options);
Result<cli::Exit> repairs(cli::World& world, const BridgeOptions& options);
Result<cli::Exit> revoke(cli::World& world, const BridgeOptions& options);

}  // namespace inxt::tools
