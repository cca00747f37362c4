// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-restore: have back what was overwritten or removed.  Manual: inxt-restore(1).
#include <fmt/format.h>

#include <algorithm>

#include "cli/escape.h"
#include "cli/run.h"
#include "cli/tree_options.h"
#include "client/tree_change.h"

namespace inxt {
namespace {

struct Options {
  std::string path;
  std::optional<std::string> version;
  std::optional<std::string> to;
  bool recursive = false;
  cli::BridgeFileOptions bridge;
  cli::TreeChangeOptions change;
  cli::KeyOptions key;
};

void declare(cli::Command& command, Options& to) {
  command.positional("PATH", to.path, "what to have back: inxt:/photos/a.tar");
  command.text("--kept", "VERSION", to.version,
               "which one, as inxt-ls --versions says it (default: the latest that is kept)");
  command.text("--to", "PATH", to.to, "under another name");
  command.flag("-R,--recursive", to.recursive, "all that was removed below this folder");
  cli::declare_tree_option(command, to.bridge);
  cli::declare_tree_change_options(command, to.change);
  cli::declare_key_options(command, to.key);
}

/// The latest kept version of every name below a folder that no name shows now.
client::Changes all_below(const tree::Tree& tree, const std::string& folder, const std::string& to) {
  const auto begin = folder == "/" ? std::string("/") : folder + "/";
  std::map<std::string, const tree::KeptVersion*> latest;
  for (const auto& kept : tree.kept())
    if (kept.path.starts_with(begin) && kept.why == tree::KeptVersion::Why::removed && !tree.find(kept.path))
      latest[kept.path] = &kept;
  client::Changes out;
  for (const auto& [path, kept] : latest) {
    const auto goal = (to == "/" ? std::string() : to) + '/' + path.substr(begin.size());
    out.ops.emplace_back(format::RestoreOp{.path = goal, .record = kept->version->record});
  }
  return out;
}

Result<cli::Exit> restore(cli::World& world, const Options& options) {
  const auto path = TRY_IN(cli::escape(options.path), client::parse_tree_path(options.path));
  const auto to = options.to ? TRY_IN("--to", client::parse_tree_path(*options.to)) : path;
  const auto bridge = TRY(cli::need_bridge_file(options.bridge));
  const auto key = TRY(world.key(options.key));
  const auto tree = TRY(client::TreeSession::open(bridge, key, world.clock(), world.random()));
  tree->set_room(0, TRY(cli::allowances_of(options.change)));
  std::size_t count = 0;
  const auto make = [&](const tree::Tree& now) -> Result<client::Changes> {
    if (options.recursive) {
      auto changes = all_below(now, path.path, to.path);
      count = changes.ops.size();
      if (count == 0)
        return fail(Code::not_found,
                    fmt::format("nothing that was removed below {} is kept", cli::escape(path.said())));
      return changes;
    }
    const auto found = TRY(client::find_version(now, path.path, options.version.value_or("1")));
    client::Changes changes;
    changes.ops.emplace_back(format::RestoreOp{.path = to.path, .record = found.version->record});
    count = 1;
    return changes;
  };
  const auto done = TRY(client::change_tree(*tree, options.change.keep_versions_s, make,
                                            [&] { return world.stop().requested(); }));
  for (const auto& trouble : done.troubles) world.warn(cli::escape(trouble));
  bool all = true;
  for (const auto& note : done.report.notes) {
    world.warn(cli::escape(tree::to_text(note)));
    all = all && client::is_harmless(note);
  }
  world.say(count == 1 ? fmt::format("{} is back", cli::escape(options.recursive ? path.said() : to.said()))
                       : fmt::format("{} files are back", count));
  return all ? cli::Exit::ok : cli::Exit::partial;
}

}  // namespace
}  // namespace inxt

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::Options>(argc, argv,
                                       {"inxt-restore", "have back what was overwritten or removed",
                                        "examples:\n"
                                        "  inxt-ls --versions inxt:/photos/a.tar\n"
                                        "  inxt-restore inxt:/photos/a.tar\n"
                                        "  inxt-restore --kept 2 --to inxt:/old.tar inxt:/photos/a.tar\n"
                                        "  inxt-restore -R inxt:/photos"},
                                       inxt::declare, inxt::restore);
}
