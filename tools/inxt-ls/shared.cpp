// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "client/share_reader.h"
#include "client/tree_path.h"
#include "ls_tool.h"

namespace inxt::ls_tool {
namespace {

/// `shown`: the path, or the last name of it.
Result<void> print(cli::World& world, const Options& options, const client::SharedItem& item,
                   std::string_view shown) {
  const bool is_folder = item.file == nullptr;
  if (world.common().json) {
    format::Json line;
    line["type"] = is_folder ? "folder" : "file";
    line["path"] = item.path;
    if (!is_folder) {
      line["mode"] = item.file->mode & 0777U;
      if (item.file->bytes) line["bytes"] = *item.file->bytes;
      line["mtime"] = item.file->mtime_unix_s;
    }
    return world.print_json(line);
  }
  const auto name = cli::escape(shown) + (is_folder ? "/" : "");
  if (!options.long_lines) return world.print(name);
  if (is_folder) return world.print(fmt::format("{} {:>12} {:<20} {}", "d?????????", "-", "-", name));
  return world.print(long_line(item.file->mode, item.file->bytes, item.file->mtime_unix_s, name));
}

Result<void> list(cli::World& world, const Options& options, const client::SharedNames& names,
                  const std::string& path) {
  const auto item = names.find(path);
  if (!item) return fail(Code::not_found, fmt::format("{}: the share has no such name", cli::escape(path)));
  if (item->file != nullptr && path.size() > 1 && path.ends_with('/'))
    return fail(Code::usage, fmt::format("{} is a file", cli::escape(path)));
  if (item->file != nullptr || options.folder_itself)
    return print(world, options, *item, item->path.empty() ? "/" : item->path);
  if (options.recursive) {
    for (const auto& below : names.walk(item->path)) TRY(print(world, options, below, below.path));
    return {};
  }
  for (const auto& below : names.list(item->path))
    TRY(print(world, options, below, below.path.substr(below.path.rfind('/') + 1)));
  return {};
}

}  // namespace

Result<cli::Exit> list_shared(cli::World& world, const Options& options) {
  if (options.versions || options.removed || options.unnamed || options.notes || options.head ||
      options.require_head)
    return fail(Code::usage, "a share shows names only",
                "--versions, --removed, --unnamed, --notes and --head are for your tree");
  for (const auto& path : options.paths)
    if (client::is_tree_path(path))
      return fail(Code::usage, "a share's names are not those of your tree",
                  "say the path in the share: photos/2026");
  auto access = TRY(cli::open_share_access(world, options.share, options.key, options.signers));
  const auto reader = TRY(client::ShareReader::open(std::move(access), world.clock(), world.random()));
  if (options.paths.empty()) {
    TRY(list(world, options, reader->names(), ""));
    return cli::Exit::ok;
  }
  bool all = true;
  for (const auto& path : options.paths) {
    auto listed = list(world, options, reader->names(), path);
    if (listed) continue;
    if (options.paths.size() == 1 || listed.error().code != Code::not_found)
      return std::unexpected(std::move(listed).error());
    world.warn(listed.error().what);
    all = false;
  }
  return all ? cli::Exit::ok : cli::Exit::partial;
}

}  // namespace inxt::ls_tool
