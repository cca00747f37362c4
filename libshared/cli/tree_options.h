// SPDX-License-Identifier: LGPL-3.0-or-later
// The options of tools that work on an owner's tree: which Bridge; and of those that change it, where what
// inxt itself stores may lie, and how long versions are kept.
#pragma once

#include "cli/bridge_options.h"
#include "format/placement.h"

namespace inxt::cli {

struct TreeChangeOptions {
  std::vector<std::string> allow_same;
  std::optional<std::int64_t> keep_versions_s;
};

/// --bridge, for inxt:/ paths.
void declare_tree_option(Command& command, BridgeFileOptions& to);
/// --allow-same.
Option& declare_allow_same_option(Command& command, TreeChangeOptions& to);
/// --allow-same and --keep-versions.
void declare_tree_change_options(Command& command, TreeChangeOptions& to);
/// Errors: usage, with the names that there are.
Result<format::PlacementAllowances> allowances_of(const TreeChangeOptions& options);

}  // namespace inxt::cli
