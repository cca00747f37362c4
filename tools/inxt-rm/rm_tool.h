// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

#include "cli/key_options.h"
#include "cli/run.h"
#include "cli/tree_options.h"

namespace inxt::rm_tool {

struct Options {
  std::vector<std::string> names;
  std::optional<std::string> manifest;  // the only one of names
  std::optional<std::string> hosts;
  unsigned jobs = 12;
  bool dry_run = false;
  bool recursive = false;
  bool purge = false;
  bool expired = false;
  bool leave_silent = false;
  cli::BridgeFileOptions bridge;
  cli::TreeChangeOptions change;
  cli::KeyOptions key;
};

/// Names of the owner's tree, and versions that are kept.
Result<cli::Exit> remove_from_tree(cli::World& world, const Options& options);

}  // namespace inxt::rm_tool
