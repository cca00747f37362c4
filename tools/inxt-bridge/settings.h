// SPDX-License-Identifier: AGPL-3.0-or-later
// The daemon's options, checked and put into the terms of its parts.  Read at the start and again on SIGHUP.
#pragma once

#include "bridge/bridge.h"
#include "bridge/directory.h"
#include "bridge/healer_options.h"
#include "database/address.h"
#include "options.h"
#include "serve/addresses.h"

namespace inxt::tools {

struct Settings {
  // These need a restart.
  std::string folder;
  database::Address database;
  std::vector<std::string> listen;  // as asked for; never empty
  std::uint32_t workers = 8;
  std::optional<std::string> local;  // of the page
  bridge::HealerOptions healing;
  // These take effect while running.
  net::ServerLimits server;
  serve::AddressSettings addresses;
  bridge::Options terms;  // without addresses
  bridge::DirectoryOptions hosts;
};

/// Touches nothing.  Errors: usage for what is missing or off.
Result<Settings> read_settings(const BridgeOptions& options);

/// The long names of settings that differ and need a restart: "listen", "workers".
std::vector<std::string_view> needing_restart(const Settings& now, const Settings& wanted);

}  // namespace inxt::tools
