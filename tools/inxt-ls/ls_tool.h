// SPDX-License-Identifier: AGPL-3.0-or-later
// The options of inxt-ls, how it shows a name's facts, and its second way: the names in a share.
#pragma once

#include "cli/run.h"
#include "cli/share_options.h"
#include "cli/tree_options.h"

namespace inxt::ls_tool {

struct Options {
  std::vector<std::string> paths;
  bool long_lines = false;
  bool recursive = false;
  bool folder_itself = false;
  bool versions = false;
  bool removed = false;
  bool unnamed = false;
  bool notes = false;
  bool head = false;
  std::optional<std::string> require_head;
  std::vector<std::string> signers;
  cli::BridgeFileOptions bridge;
  cli::ShareOptions share;
  cli::KeyOptions key;
};

/// "2026-11-21T14:00:00Z".
std::string show_time(std::int64_t unix_s);
/// "-rw-r--r--".
std::string show_mode(bool is_folder, std::uint32_t mode);
/// What -l prints of a file; `bytes`: nothing where they are not known.
std::string long_line(std::uint32_t mode, std::optional<std::uint64_t> bytes, std::int64_t mtime_unix_s,
                      std::string_view name);

/// --share, --link.
Result<cli::Exit> list_shared(cli::World& world, const Options& options);

}  // namespace inxt::ls_tool
