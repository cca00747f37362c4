// SPDX-License-Identifier: LGPL-3.0-or-later
// Going through many files of the tree, for tools with -R.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "client/tree_session.h"

namespace inxt::client {

/// A copy: the tree may change while files are used.
struct TreeFile {
  std::string path;  // empty: an object without a name
  tree::Version version;
};

/// All files below a folder, in the tree's order.
std::vector<TreeFile> files_named_below(const tree::Tree& tree, const tree::Item& folder);
/// And of "/" also the objects without a name.
std::vector<TreeFile> files_below(const tree::Tree& tree, const tree::Item& folder);

/// To be called with each number in turn, before that file's record is asked for: the records come side by
/// side, kRecordsAheadMax at a time, instead of one after the other.
void fetch_records_ahead(TreeSession& tree, std::span<const TreeFile> files, std::size_t number);

}  // namespace inxt::client
