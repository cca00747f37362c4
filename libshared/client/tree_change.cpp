// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/tree_change.h"

namespace inxt::client {

Result<std::vector<std::string>> store_log_of(TreeSession& tree, std::function<bool()> stopped) {
  auto stored = tree.store_log(std::move(stopped));
  if (stored) return std::move(stored->troubles);
  // No matter of waiting: who appended may be the only one who knows that it is not kept.
  if (stored.error().code == Code::integrity)
    return std::unexpected(std::move(stored).error().in("after the change, when the log was to be stored"));
  return std::vector<std::string>{
      "the log is at the Bridge only, until the next change stores it at Hosts: " + stored.error().what};
}

Result<TreeChange> change_tree(TreeSession& tree, std::optional<std::int64_t> keep_versions_s,
                               MakeChanges make, std::function<bool()> stopped) {
  TreeChange out;
  const MakeChanges with_settings = [&](const tree::Tree& now) -> Result<Changes> {
    auto changes = TRY(make(now));
    if (keep_versions_s && *keep_versions_s != now.keep_versions_s())
      changes.ops.insert(changes.ops.begin(), format::SettingsOp{*keep_versions_s});
    return changes;
  };
  out.report = TRY(tree.change(with_settings));
  if (out.report.entries > 0) out.troubles = TRY(store_log_of(tree, std::move(stopped)));
  return out;
}

bool is_harmless(const tree::Note& note) {
  using Kind = tree::Note::Kind;
  return note.kind == Kind::conflict_copy || note.kind == Kind::put_again;
}

}  // namespace inxt::client
