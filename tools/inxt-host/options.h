// SPDX-License-Identifier: AGPL-3.0-or-later
// What inxt-host is told.  Manual: inxt-host(8).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/world.h"
#include "term_options.h"

namespace inxt::tools {

inline constexpr std::uint16_t kPortDefault = 4242;

struct HostOptions {
  std::string command;  // empty: serve
  std::optional<std::string> store;
  std::optional<std::uint64_t> capacity_bytes;
  std::optional<std::string> accept;
  std::vector<std::string> listen;
  std::vector<std::string> announce;
  std::string map_port = "off";  // or a net::MapMethod's name
  std::optional<std::string> local;
  std::vector<std::string> bridges;  // files
  std::string operator_name, domain, region;
  std::uint64_t price = 0;
  std::optional<std::int64_t> term_max_s;
  std::uint32_t workers = 8;
  std::optional<std::uint64_t> memory_bytes;
  std::string group_commit = "off";
  std::uint32_t commit_delay_ms = 0;
  TermOptions terms;
  std::optional<std::string> folder;  // of a subcommand
  std::optional<std::string> to;      // of move
  bool wait = false;
  bool deep = false;
  bool off = false;                           // of drain, retire, pause
  std::string until;                          // of retire, pause: a moment or a duration
  std::optional<std::string> hosts;           // of doctor: others to compare with
  std::uint16_t port = 0, external_port = 0;  // of map-port
  bool remove = false;
  std::optional<std::string> output;  // backup
  std::optional<int> passphrase_fd;   // backup, restore
  bool no_passphrase = false;         // backup
  bool force = false;                 // restore
  bool quick = false;
  bool follow = false;      // audits
  std::string piece;        // evidence
  bool has_config = false;  // --config was given
};

void declare(cli::Command& command, HostOptions& options);
/// The folder that was given to the subcommand, else --store, else the service manager's $STATE_DIRECTORY.
/// Errors: usage.
Result<std::string> store_folder(const HostOptions& options);
/// Of a store's lock that could not be had: says that a Host runs on it.
Error explain_lock(Error error, const std::string& folder);
/// The same, or where it has moved to: for subcommands.  Errors: usage; those of host::follow_moves.
Result<std::string> store_now(const HostOptions& options);
Result<cli::Exit> work(cli::World& world, const HostOptions& options);

Result<cli::Exit> run_daemon(cli::World& world, const HostOptions& options);
Result<cli::Exit> move_store(cli::World& world, const HostOptions& options);
Result<cli::Exit> check(cli::World& world, const HostOptions& options);
Result<cli::Exit> descriptor(cli::World& world, const HostOptions& options);
Result<cli::Exit> status(cli::World& world, const HostOptions& options);
Result<cli::Exit> evidence(cli::World& world, const HostOptions& options);
Result<cli::Exit> audits(cli::World& world, const HostOptions& options);
Result<cli::Exit> drain(cli::World& world, const HostOptions& options);
Result<cli::Exit> retire(cli::World& world, const HostOptions& options);
Result<cli::Exit> pause(cli::World& world, const HostOptions& options);
Result<cli::Exit> map_port(cli::World& world, const HostOptions& options);
Result<cli::Exit> doctor(cli::World& world, const HostOptions& options);
Result<cli::Exit> backup(cli::World& world, const HostOptions& options);
Result<cli::Exit> restore(cli::World& world, const HostOptions& options);
Result<cli::Exit> rotate_key(cli::World& world, const HostOptions& options);

}  // namespace inxt::tools
