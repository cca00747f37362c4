// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-mkdir: make folders in an owner's tree.  Manual: inxt-mkdir(1).
#include <fmt/format.h>

#include <set>

#include "cli/escape.h"
#include "cli/run.h"
#include "cli/tree_options.h"
#include "client/tree_change.h"

namespace inxt {
namespace {

struct Options {
  std::vector<std::string> folders;
  bool parents = false;
  cli::BridgeFileOptions bridge;
  cli::TreeChangeOptions change;
  cli::KeyOptions key;
};

void declare(cli::Command& command, Options& to) {
  command.positionals("PATH", to.folders, "a folder to make: inxt:/photos/2026").required();
  command.flag("-p,--parents", to.parents, "make what is missing above it; no error where it is there");
  cli::declare_tree_option(command, to.bridge);
  cli::declare_tree_change_options(command, to.change);
  cli::declare_key_options(command, to.key);
}

/// The folders above `path`, and itself.
std::vector<std::string> with_parents(const std::string& path) {
  std::vector<std::string> out;
  for (auto at = path.find('/', 1); at != path.npos; at = path.find('/', at + 1))
    out.push_back(path.substr(0, at));
  out.push_back(path);
  return out;
}

Result<client::Changes> make(const tree::Tree& tree, const std::vector<client::TreePath>& folders,
                             bool parents) {
  client::Changes out;
  std::set<std::string> made;
  for (const auto& folder : folders) {
    const auto there = tree.find(folder.path);
    if (there && (!parents || !there->is_folder))
      return fail(
          Code::usage, fmt::format("{} is there already", cli::escape(folder.said())),
          there->is_folder ? "say -p where that is no matter" : "inxt-mv gives the file another name");
    for (const auto& path : with_parents(folder.path)) {
      const auto item = tree.find(path);
      if (item && !item->is_folder)
        return fail(Code::usage, fmt::format("inxt:{} is a file", cli::escape(path)));
      if (item || made.contains(path)) continue;
      if (path != folder.path && !parents)
        return fail(Code::not_found, fmt::format("inxt:{}: there is no such folder", cli::escape(path)),
                    "say -p to make it, too");
      made.insert(path);
      out.ops.emplace_back(format::MkdirOp{.path = path, .mode = 0755});
    }
  }
  return out;
}

Result<cli::Exit> mkdir(cli::World& world, const Options& options) {
  std::vector<client::TreePath> folders;
  for (const auto& text : options.folders)
    folders.push_back(TRY_IN(cli::escape(text), client::parse_tree_path(text)));
  const auto bridge = TRY(cli::need_bridge_file(options.bridge));
  const auto key = TRY(world.key(options.key));
  const auto tree = TRY(client::TreeSession::open(bridge, key, world.clock(), world.random()));
  tree->set_room(0, TRY(cli::allowances_of(options.change)));
  const auto done = TRY(client::change_tree(
      *tree, options.change.keep_versions_s,
      [&](const tree::Tree& now) { return make(now, folders, options.parents); },
      [&] { return world.stop().requested(); }));
  for (const auto& trouble : done.troubles) world.warn(cli::escape(trouble));
  for (const auto& note : done.report.notes) world.warn(cli::escape(tree::to_text(note)));
  return done.report.notes.empty() ? cli::Exit::ok : cli::Exit::partial;
}

}  // namespace
}  // namespace inxt

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::Options>(argc, argv,
                                       {"inxt-mkdir", "make folders in your tree of names",
                                        "examples:\n"
                                        "  inxt-mkdir inxt:/photos\n"
                                        "  inxt-mkdir -p inxt:/photos/2026/spring"},
                                       inxt::declare, inxt::mkdir);
}
