// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-mv: give files and folders of an owner's tree other names.  Manual: inxt-mv(1).
#include <fmt/format.h>

#include <set>

#include "cli/escape.h"
#include "cli/run.h"
#include "cli/tree_options.h"
#include "client/tree_change.h"

namespace inxt {
namespace {

struct Options {
  std::vector<std::string> paths;
  bool no_clobber = false;
  cli::BridgeFileOptions bridge;
  cli::TreeChangeOptions change;
  cli::KeyOptions key;
};

void declare(cli::Command& command, Options& to) {
  command.positionals("PATH", to.paths, "what to move, and behind it the new name, or a folder to move into")
      .required();
  command.flag("--no-clobber", to.no_clobber, "leave alone what has a name that is taken");
  cli::declare_tree_option(command, to.bridge);
  cli::declare_tree_change_options(command, to.change);
  cli::declare_key_options(command, to.key);
}

struct Plan {
  client::Changes changes;
  std::vector<std::string> left;  // names that were taken
};

Result<Plan> plan(const tree::Tree& tree, const std::vector<client::TreePath>& from,
                  const client::TreePath& to, bool no_clobber) {
  Plan out;
  const auto target = tree.find(to.path);
  const bool into = target && target->is_folder;
  if (!into && (from.size() > 1 || to.is_folder_said))
    return fail(target ? Code::usage : Code::not_found,
                fmt::format("{} is no folder", cli::escape(to.said())), "inxt-mkdir makes one");
  if (!into) {
    const auto above = to.path.substr(0, std::max<std::size_t>(to.path.rfind('/'), 1));
    const auto folder = tree.find(above);
    if (!folder || !folder->is_folder)
      return fail(Code::not_found, fmt::format("inxt:{}: there is no such folder", cli::escape(above)),
                  "inxt-mkdir makes one");
  }
  std::set<std::string> taken;
  for (const auto& path : from) {
    const auto item = tree.find(path.path);
    if (!item)
      return fail(Code::not_found,
                  fmt::format("{}: there is no such file or folder", cli::escape(path.said())),
                  "inxt-ls shows what there is");
    if (path.path == "/") return fail(Code::usage, "inxt:/ stays where it is");
    const auto goal = into ? to.with(path.name()) : to.path;
    if (goal == path.path)
      return fail(Code::usage, fmt::format("{} is there already", cli::escape(path.said())));
    if (goal.starts_with(path.path + "/"))
      return fail(Code::usage, fmt::format("{} cannot go into itself", cli::escape(path.said())));
    if (!taken.insert(goal).second)
      return fail(Code::usage, fmt::format("two of these would be inxt:{}", cli::escape(goal)));
    if (const auto there = tree.find(goal)) {
      if (no_clobber) {
        out.left.push_back(goal);
        continue;
      }
      if (there->is_folder || item->is_folder)
        return fail(Code::usage, fmt::format("inxt:{} is there already", cli::escape(goal)),
                    there->is_folder ? "inxt-rm removes a folder" : "a folder takes the place of no file");
    }
    out.changes.ops.emplace_back(format::MvOp{.from = path.path, .to = goal});
  }
  return out;
}

Result<cli::Exit> move(cli::World& world, const Options& options) {
  if (options.paths.size() < 2) return fail(Code::usage, "where to is not said", "inxt-mv inxt:/a inxt:/b");
  std::vector<client::TreePath> from;
  for (const auto& text : options.paths)
    from.push_back(TRY_IN(cli::escape(text), client::parse_tree_path(text)));
  const auto to = from.back();
  from.pop_back();
  const auto bridge = TRY(cli::need_bridge_file(options.bridge));
  const auto key = TRY(world.key(options.key));
  const auto tree = TRY(client::TreeSession::open(bridge, key, world.clock(), world.random()));
  tree->set_room(0, TRY(cli::allowances_of(options.change)));
  Plan planned;
  const auto make = [&](const tree::Tree& now) -> Result<client::Changes> {
    planned = TRY(plan(now, from, to, options.no_clobber));
    return planned.changes;
  };
  const auto done = TRY(client::change_tree(*tree, options.change.keep_versions_s, make,
                                            [&] { return world.stop().requested(); }));
  for (const auto& name : planned.left)
    world.say(fmt::format("inxt:{} is there already: left alone", cli::escape(name)));
  for (const auto& trouble : done.troubles) world.warn(cli::escape(trouble));
  bool all = true;
  for (const auto& note : done.report.notes) {
    world.warn(cli::escape(tree::to_text(note)));
    all = all && client::is_harmless(note);
  }
  return all ? cli::Exit::ok : cli::Exit::partial;
}

}  // namespace
}  // namespace inxt

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::Options>(argc, argv,
                                       {"inxt-mv", "give files and folders of your tree other names",
                                        "examples:\n"
                                        "  inxt-mv inxt:/a.tar inxt:/b.tar\n"
                                        "  inxt-mv inxt:/a.tar inxt:/b.tar inxt:/photos/"},
                                       inxt::declare, inxt::move);
}
