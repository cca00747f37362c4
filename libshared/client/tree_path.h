// SPDX-License-Identifier: LGPL-3.0-or-later
// Names of an owner's tree on a command line: inxt:/photos/a.tar wherever a manifest is taken.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace inxt::client {

inline constexpr std::string_view kTreePathBegins = "inxt:";

/// Whether an argument names something in the tree.  A file of such a name is said as ./inxt:...
bool is_tree_path(std::string_view argument);

struct TreePath {
  std::string path;             // "/a/b", "/"
  bool is_folder_said = false;  // it ended with a slash

  /// As it is said on a command line: "inxt:/a/b".  Not escaped.
  std::string said() const { return std::string(kTreePathBegins) + path; }
  std::string name() const { return path.substr(path.rfind('/') + 1); }
  /// Of a name in this folder.
  std::string with(std::string_view name) const;
};

/// "inxt:/a/b/" -> "/a/b".  Several slashes count as one.  Errors: usage, as format::split_path.
Result<TreePath> parse_tree_path(std::string_view argument);

}  // namespace inxt::client
