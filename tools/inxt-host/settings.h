// SPDX-License-Identifier: AGPL-3.0-or-later
// The daemon's options, checked and put into the terms of its parts.  Read at the start and again on SIGHUP.
#pragma once

#include "host/bridges.h"
#include "host/host.h"
#include "options.h"
#include "serve/addresses.h"

namespace inxt::tools {

struct Settings {
  // These need a restart.
  std::string folder;               // of the store
  std::vector<std::string> listen;  // as asked for; never empty
  std::uint32_t workers = 8;
  std::size_t buffer_bytes_max = 0;  // --memory
  bool group_commit = false;
  std::uint32_t commit_delay_ms = 0;
  std::optional<std::string> local;  // of the page
  // These take effect while running.
  std::uint64_t capacity_bytes = 0;
  std::uint64_t reserve_bytes = kReserveBytesDefault;
  net::ServerLimits server;  // without throttles
  host::BridgeSettings bridges;
  serve::AddressSettings addresses;
  std::string accept_from;  // a file, or `any`
  host::Options terms;      // without addresses
};

/// Reads the lists and the bridge files; touches nothing else.
/// Errors: usage for what is missing or off; those of the files.
Result<Settings> read_settings(const HostOptions& options);

/// What a start with these settings would refuse: addresses, the store's folder, version and key; what is not
/// there yet can be made.  Nothing is written, no lock is taken.  Gives what is not wrong but odd, one
/// sentence each. Errors: as the start's.
Result<std::vector<std::string>> check_before_start(const Settings& settings);

/// The long names of settings that differ and need a restart: "listen", "workers".
std::vector<std::string_view> needing_restart(const Settings& now, const Settings& wanted);

}  // namespace inxt::tools
