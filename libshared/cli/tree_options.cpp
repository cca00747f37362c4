// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/tree_options.h"

namespace inxt::cli {

void declare_tree_option(Command& command, BridgeFileOptions& to) {
  declare_bridge_option(command, to, "the Bridge that keeps the names under inxt:/");
}

Option& declare_allow_same_option(Command& command, TreeChangeOptions& to) {
  return command
      .texts("--allow-same", "WHAT", to.allow_same,
             "let pieces of one segment lie at Hosts of the same operator, network or domain; new: at more "
             "new Hosts")
      .setting();
}

void declare_tree_change_options(Command& command, TreeChangeOptions& to) {
  declare_allow_same_option(command, to).in_group("Names under inxt:/");
  command
      .duration("--keep-versions", "DURATION", to.keep_versions_s,
                "from now on keep what is overwritten or removed for so long (at first 30d)")
      .setting()
      .in_group("Names under inxt:/");
}

Result<format::PlacementAllowances> allowances_of(const TreeChangeOptions& options) {
  format::PlacementAllowances out;
  for (const auto& name : options.allow_same) TRY_IN("--allow-same", out.add(name));
  return out;
}

}  // namespace inxt::cli
