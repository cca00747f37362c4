// SPDX-License-Identifier: AGPL-3.0-or-later
// What inxt-host is told.  Manual: inxt-host(8).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/world.h"

namespace inxt::tools {

inline constexpr std::uint16_t kPortDefault = 4242;
inline constexpr int kStopGraceMs = 20000;  // what SIGTERM gives requests under way

struct HostOptions {
  std::string command;  // empty: serve
  std::optional<std::string> store;
  std::optional<std::uint64_t> capacity_bytes;
  std::optional<std::string> accept;
  std::vector<std::string> listen;
  std::vector<std::string> announce;
  std::uint64_t price = 0;
  std::optional<std::int64_t> term_max_s;
  std::uint32_t workers = 8;
  std::optional<std::uint64_t> memory_bytes;
  std::optional<std::string> folder;  // of a subcommand
  bool deep = false;
};

void declare(cli::Command& command, HostOptions& options);
/// The folder that was given to the subcommand, else --store.  Errors: usage.
Result<std::string> store_folder(const HostOptions& options);
Result<cli::Exit> work(cli::World& world, const HostOptions& options);

Result<cli::Exit> serve(cli::World& world, const HostOptions& options);
Result<cli::Exit> check(cli::World& world, const HostOptions& options);
Result<cli::Exit> descriptor(cli::World& world, const HostOptions& options);
Result<cli::Exit> status(cli::World& world, const HostOptions& options);
Result<cli::Exit> doctor(cli::World& world, const HostOptions& options);

}  // namespace inxt::tools
