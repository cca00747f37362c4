// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/tree_files.h"

#include <algorithm>

namespace inxt::client {

std::vector<TreeFile> files_named_below(const tree::Tree& tree, const tree::Item& folder) {
  std::vector<TreeFile> out;
  tree.walk(folder.node, [&](const tree::Item& one) {
    if (one.version != nullptr) out.push_back({tree.path_of(one.node), *one.version});
    return true;
  });
  return out;
}

std::vector<TreeFile> files_below(const tree::Tree& tree, const tree::Item& folder) {
  auto out = files_named_below(tree, folder);
  if (folder.node == tree::Names::kRoot)
    for (const auto& [id, version] : tree.unnamed()) out.push_back({"", *version});
  return out;
}

void fetch_records_ahead(TreeSession& tree, std::span<const TreeFile> files, std::size_t number) {
  if (number % kRecordsAheadMax != 0) return;
  std::vector<format::RecordId> ids;
  for (const auto& file : files.subspan(number, std::min(kRecordsAheadMax, files.size() - number)))
    ids.push_back(file.version.record);
  tree.session().run(tree.view().fetch_ahead(std::move(ids)));
}

}  // namespace inxt::client
