// SPDX-License-Identifier: LGPL-3.0-or-later
// What every tool does that changes the tree: settings that differ are said, the change is appended, and the
// log is stored as pieces.
#pragma once

#include "client/tree_session.h"

namespace inxt::client {

struct TreeChange {
  AppendReport report;
  /// Why the log could not be stored as pieces, or old parts of it not removed: the change stands all the
  /// same, and the next one stores it.
  std::vector<std::string> troubles = {};
};

/// `make`: see TreeView::append.  `keep_versions_s`: what the log is to say, where that is set.
/// Errors: those of TreeView::append; integrity as store_log_of().
Result<TreeChange> change_tree(TreeSession& tree, std::optional<std::int64_t> keep_versions_s,
                               MakeChanges make, std::function<bool()> stopped = {});
/// The last part of it alone: why it could not be done.
/// Errors: integrity where the Bridge lies about what was changed just now, or about the Hosts.
Result<std::vector<std::string>> store_log_of(TreeSession& tree, std::function<bool()> stopped = {});

/// Nothing that the entry meant was lost or undone by this: a copy beside, a folder made again.
bool is_harmless(const tree::Note& note);

}  // namespace inxt::client
