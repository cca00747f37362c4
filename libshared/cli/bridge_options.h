// SPDX-License-Identifier: LGPL-3.0-or-later
// Which Bridge, on the command line: --bridge FILE, else INXT_BRIDGE, else config.json's "bridge", else
// $XDG_CONFIG_HOME/inxt/bridge where it exists.
#pragma once

#include "cli/command.h"
#include "format/bridge_file.h"

namespace inxt::cli {

struct BridgeFileOptions {
  std::optional<std::string> bridge;
};

/// Adds --bridge; `help` says what the tool wants it for.
Option& declare_bridge_option(Command& command, BridgeFileOptions& to, std::string help);

/// The bridge file that was named, or the user's own; nothing where there is neither.
/// Errors: not_found for one that was named; integrity, with its path and line.
Result<std::optional<format::BridgeFile>> find_bridge_file(const BridgeFileOptions& options);
/// Errors: usage, too, where there is none.
Result<format::BridgeFile> need_bridge_file(const BridgeFileOptions& options);

}  // namespace inxt::cli
