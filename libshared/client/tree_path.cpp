// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/tree_path.h"

#include "format/tree_ops.h"

namespace inxt::client {

bool is_tree_path(std::string_view argument) {
  return argument.starts_with(kTreePathBegins);
}

std::string TreePath::with(std::string_view name) const {
  std::string out = path == "/" ? std::string() : path;
  out += '/';
  out += name;
  return out;
}

Result<TreePath> parse_tree_path(std::string_view argument) {
  if (!is_tree_path(argument)) return fail(Code::usage, "a path in the tree begins with inxt:/");
  argument.remove_prefix(kTreePathBegins.size());
  if (!argument.starts_with('/'))
    return fail(Code::usage, "a path in the tree is absolute: inxt:/...",
                "for a local file of this name say ./inxt:...");
  TreePath out;
  for (const char c : argument)
    if (c != '/' || !out.path.ends_with('/')) out.path += c;
  out.is_folder_said = out.path.ends_with('/');
  if (out.path.size() > 1 && out.is_folder_said) out.path.pop_back();
  TRY(format::split_path(out.path));
  return out;
}

}  // namespace inxt::client
