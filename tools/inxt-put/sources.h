// SPDX-License-Identifier: AGPL-3.0-or-later
// Which files and folders a put into the tree is of, and under which names.
#pragma once

#include "client/put_files.h"
#include "client/tree_path.h"
#include "put_tool.h"

namespace inxt::put_tool {

/// What is to be put, and the folders that are made for it.
struct Sources {
  std::vector<client::FileToPut> files;
  std::vector<format::Op> folders;
  std::uint64_t bytes = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t left_out = 0;  // neither file nor folder, or with a name that the tree does not take
};

/// A file is no folder: without this what is put would go beside it, into a folder of another name.
Result<void> check_folders_above(const tree::Tree& tree, std::string_view path);

/// Files of the same size and time are left out with -u, and where an entry behind `put_since` put them.
/// Errors: usage, not_found; those of reading folders.
Result<Sources> collect_sources(cli::World& world, const Options& options, const tree::Tree& tree,
                                const client::TreePath& to, std::uint64_t put_since);

}  // namespace inxt::put_tool
