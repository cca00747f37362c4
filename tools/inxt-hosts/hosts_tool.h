// SPDX-License-Identifier: AGPL-3.0-or-later
// What inxt-hosts is told.  Manual: inxt-hosts(1).
#pragma once

#include "cli/bridge_options.h"
#include "cli/key_options.h"
#include "cli/world.h"
#include "client/host_filter.h"

namespace inxt::hosts_tool {

struct Options {
  cli::BridgeFileOptions bridge;
  cli::KeyOptions key;
  client::HostFilter filter;
  client::HostOrder order = client::HostOrder::id;
  std::optional<std::size_t> limit;
  bool all = false;
  bool measure = false;
  bool table = false;
  unsigned jobs = 16;
};

void declare(cli::Command& command, Options& to);

/// For people: a line a Host.
Result<cli::Exit> print_table(cli::World& world, std::span<const format::ListedHost> hosts);

}  // namespace inxt::hosts_tool
