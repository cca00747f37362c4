// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-ls: list names: an owner's tree, or a share.  Manual: inxt-ls(1).
#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "client/tree_session.h"
#include "ls_tool.h"

namespace inxt::ls_tool {
namespace {

void declare(cli::Command& command, Options& to) {
  command.positionals(
      "PATH", to.paths,
      "what to list: inxt:/photos (default: inxt:/); of a share, a path in it (default: all)");
  command.flag("-l,--long", to.long_lines, "mode, bytes, time and name");
  command.flag("-R,--recursive", to.recursive, "all that is below, with whole paths");
  command.flag("-d,--directory", to.folder_itself, "a folder itself, not what is in it");
  command.flag("--versions", to.versions, "all versions of these files that can be had").not_with("removed");
  command.flag("--removed", to.removed, "what was removed below these folders and can be had back");
  command.flag("--unnamed", to.unnamed, "objects without a name, by their ids");
  command.flag("--notes", to.notes, "what changes could not do as they were meant");
  command.flag("--head", to.head, "the log's last entry, for --require-head on another machine");
  command.text("--require-head", "FILE", to.require_head,
               "what --head printed on another machine (- for standard input): fail unless this one sees the "
               "same log");
  command.texts("--signer", "ID", to.signers, "whom the share may be by (default: anyone)")
      .in_group("Shares");
  cli::declare_tree_option(command, to.bridge);
  cli::declare_share_options(command, to.share);
  cli::declare_key_options(command, to.key);
}

constexpr std::size_t kHeadBytesMax = 256;

/// How one line looks: a name alone, -l, or JSON.
class Lines {
 public:
  Lines(cli::World& world, const Options& options) : world_(world), options_(options) {}

  Result<void> item(const tree::Tree& tree, const tree::Item& item, const std::string& shown) {
    if (world_.common().json) {
      format::Json line;
      line["type"] = item.is_folder ? "folder" : "file";
      line["path"] = tree.path_of(item.node);
      line["mode"] = item.mode;
      if (item.version != nullptr) add(line, *item.version);
      return world_.print_json(line);
    }
    const auto name = cli::escape(shown) + (item.is_folder && !shown.ends_with('/') ? "/" : "");
    if (!options_.long_lines) return world_.print(name);
    if (item.is_folder)
      return world_.print(fmt::format("{} {:>12} {:<20} {}", show_mode(true, item.mode), "-", "-", name));
    return version(*item.version, name);
  }

  Result<void> kept(const tree::KeptVersion& kept, std::size_t number) {
    const auto& version = *kept.version;
    if (world_.common().json) {
      format::Json line;
      line["type"] = "version";
      line["path"] = kept.path;
      line["number"] = number;
      line["why"] = tree::why_name(kept.why);
      line["kept_since"] = kept.kept_unix_s;
      add(line, version);
      return world_.print_json(line);
    }
    return world_.print(fmt::format("{:>4} {} {:>12} {:<20} {} {} {}", number,
                                    version.record.hex().substr(0, 16), version.bytes,
                                    show_time(version.mtime_unix_s), tree::why_name(kept.why),
                                    show_time(kept.kept_unix_s), cli::escape(kept.path)));
  }

  Result<void> current(const std::string& path, const tree::Version& version) {
    if (world_.common().json) {
      format::Json line;
      line["type"] = "version";
      line["path"] = path;
      line["number"] = 0;
      line["why"] = "current";
      add(line, version);
      return world_.print_json(line);
    }
    return world_.print(fmt::format("{:>4} {} {:>12} {:<20} {} {} {}", 0, version.record.hex().substr(0, 16),
                                    version.bytes, show_time(version.mtime_unix_s), "current",
                                    show_time(version.put_unix_s), cli::escape(path)));
  }

  Result<void> version(const tree::Version& version, const std::string& name) {
    return world_.print(fmt::format("{} {:>12} {:<20} {}", show_mode(false, version.mode), version.bytes,
                                    show_time(version.mtime_unix_s), name));
  }

  Result<void> unnamed(const tree::Version& version) {
    const auto id = version.object.hex();
    if (world_.common().json) {
      format::Json line;
      line["type"] = "object";
      line["mode"] = version.mode;
      add(line, version);
      return world_.print_json(line);
    }
    return options_.long_lines ? this->version(version, id) : world_.print(id);
  }

 private:
  static void add(format::Json& line, const tree::Version& version) {
    line["bytes"] = version.bytes;
    line["mtime"] = version.mtime_unix_s;
    line["put"] = version.put_unix_s;
    line["object"] = version.object.hex();
    line["record"] = version.record.hex();
    line["uploader"] = version.uploader;
    line["seq"] = version.seq;
    if (version.metadata != nullptr && !version.metadata->empty()) line["metadata"] = *version.metadata;
  }

  cli::World& world_;
  const Options& options_;
};

Result<void> list_versions(const tree::Tree& tree, const client::TreePath& path, Lines& lines) {
  const auto item = tree.find(path.path);
  if (item && item->is_folder)
    return fail(Code::usage, fmt::format("{} is a folder", cli::escape(path.said())),
                "--removed shows what was removed below it");
  const auto kept = tree.kept_of(path.path);
  if (!item && kept.empty())
    return fail(Code::not_found, fmt::format("{}: there is and was no such file", cli::escape(path.said())));
  if (item) TRY(lines.current(path.path, *item->version));
  for (std::size_t i = 0; i < kept.size(); ++i) TRY(lines.kept(*kept[i], i + 1));
  return {};
}

Result<void> list_removed(const tree::Tree& tree, const client::TreePath& path, Lines& lines) {
  const auto begin = path.path == "/" ? std::string("/") : path.path + "/";
  std::map<std::string, std::size_t> numbers;
  for (auto kept = tree.kept().rbegin(); kept != tree.kept().rend(); ++kept) {
    if (kept->path != path.path && !kept->path.starts_with(begin)) continue;
    const auto number = ++numbers[kept->path];
    if (kept->why == tree::KeptVersion::Why::removed && !tree.find(kept->path))
      TRY(lines.kept(*kept, number));
  }
  return {};
}

Result<void> list(const tree::Tree& tree, const client::TreePath& path, const Options& options,
                  Lines& lines) {
  const auto item = tree.find(path.path);
  if (!item)
    return fail(Code::not_found, fmt::format("{}: there is no such file or folder", cli::escape(path.said())),
                tree.kept_of(path.path).empty()
                    ? ""
                    : "it was removed: inxt-ls --versions shows what can be had back");
  if (!item->is_folder && path.is_folder_said)
    return fail(Code::usage, fmt::format("{} is a file", cli::escape(path.said())));
  if (!item->is_folder || options.folder_itself) return lines.item(tree, *item, path.path);
  std::optional<Error> failed;
  if (options.recursive) {
    tree.walk(item->node, [&](const tree::Item& below) {
      if (below.node == item->node) return true;
      if (auto printed = lines.item(tree, below, tree.path_of(below.node)); !printed)
        failed = printed.error();
      return !failed.has_value();
    });
  } else {
    for (const auto& below : tree.list(item->node)) TRY(lines.item(tree, below, std::string(below.name)));
  }
  if (failed) return std::unexpected(*failed);
  return {};
}

Result<format::LogHead> read_head(cli::World& world, const std::string& path) {
  const auto input = TRY(world.input(path, "a head"));
  const auto bytes = TRY(sys::read_all(input.fd, kHeadBytesMax, input.name));
  std::string_view text = text_of(bytes);
  while (text.ends_with('\n')) text.remove_suffix(1);
  format::LogHead out;
  const auto space = text.find(' ');
  const auto [end, error] = std::from_chars(text.data(), text.data() + std::min(space, text.size()), out.seq);
  if (space == text.npos || error != std::errc() || end != text.data() + space ||
      !from_hex(text.substr(space + 1), out.hash))
    return fail(Code::integrity, input.name + " is not what inxt-ls --head prints");
  return out;
}

Result<cli::Exit> ls(cli::World& world, const Options& options) {
  if (options.share.given()) return list_shared(world, options);
  if (!options.signers.empty()) return fail(Code::usage, "--signer goes with --share and --link");
  std::vector<client::TreePath> paths;
  for (const auto& text : options.paths)
    paths.push_back(TRY_IN(cli::escape(text), client::parse_tree_path(text)));
  const bool only_log =
      (options.head || options.require_head || options.notes || options.unnamed) && paths.empty();
  if (paths.empty() && !only_log) paths.push_back(client::TreePath{.path = "/", .is_folder_said = true});
  std::optional<format::LogHead> required;
  if (options.require_head) required = TRY(read_head(world, *options.require_head));
  const auto bridge = TRY(cli::need_bridge_file(options.bridge));
  const auto key = TRY(world.key(options.key));
  const auto opened = TRY(client::TreeSession::open(bridge, key, world.clock(), world.random()));
  auto& view = opened->view();
  if (required) TRY(opened->session().run(view.require_head(*required)));
  if (options.head) TRY(world.print(fmt::format("{} {}", view.head().seq, to_hex(view.head().hash))));
  if (!view.readable() && !(paths.empty() && !options.notes && !options.unnamed))
    return fail(Code::denied, "a delegated machine's key reads no names", "use the owner's key file");
  const auto& tree = view.tree();
  Lines lines(world, options);
  if (options.notes)
    for (const auto& note : tree.notes())
      TRY(world.print(
          fmt::format("{} {} {}", note.seq, show_time(note.time_unix_s), cli::escape(tree::to_text(note)))));
  if (options.unnamed)
    for (const auto& [id, version] : tree.unnamed()) TRY(lines.unnamed(*version));
  std::optional<Error> first;
  for (const auto& path : paths) {
    const auto listed = options.versions  ? list_versions(tree, path, lines)
                        : options.removed ? list_removed(tree, path, lines)
                                          : list(tree, path, options, lines);
    if (listed) continue;
    if (paths.size() == 1 || listed.error().code != Code::not_found) return std::unexpected(listed.error());
    world.warn(listed.error().what);
    if (!first) first = listed.error();
  }
  return first ? cli::Exit::partial : cli::Exit::ok;
}

}  // namespace
}  // namespace inxt::ls_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::ls_tool::Options>(
      argc, argv,
      {"inxt-ls", "list your tree of names, or a share",
       "examples:\n"
       "  inxt-ls -l inxt:/photos\n"
       "  inxt-ls -R --json inxt:/ | jq -r .path\n"
       "  inxt-ls --versions inxt:/photos/a.tar\n"
       "  inxt-ls --head > here, and on another machine: inxt-ls --require-head here\n"
       "  inxt-ls -lR --link link"},
      inxt::ls_tool::declare, inxt::ls_tool::ls);
}
