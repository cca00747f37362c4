// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-repair: store the lost pieces of a file anew.  Manual: inxt-repair(1).
#include <fmt/format.h>

#include "cli/disputes.h"
#include "client/tree_path.h"
#include "repair_tool.h"

namespace inxt::repair_tool {
namespace {

void declare(cli::Command& command, Options& to) {
  command.positionals("MANIFEST", to.what,
                      "what to repair (default: standard input), or names in your tree: inxt:/a.tar");
  command.text("-o,--output", "FILE", to.output, "write the manifest with its new places here (default: standard output)");
  command.flag("-a,--all", to.all, "repair every segment that lacks a piece, not only those near to loss");
  command.flag("-n,--dry-run", to.dry_run, "check the pieces, say what would be repaired; store nothing");
  command
      .number("--sample", "N", to.blocks, 1, transfer::kCheckBlocksMax, "blocks of each piece that its Host shows (default 2)")
      .setting();
  command.text("--hosts", "FILE", to.hosts, "signed Host descriptors, one a line, for the new pieces").setting();
  cli::declare_bridge_option(command, to.bridge, "let this Bridge say where the new pieces go").not_with("hosts");
  cli::declare_allow_same_option(command, to.change);
  command.flag("-R,--recursive", to.recursive, "all files of a folder of the tree; of inxt:/ also the log");
  command.number("-j,--jobs", "N", to.jobs, 1, 256, "Hosts that are checked at once").setting();
  command.duration("--term", "DURATION", to.term_s, "how long Hosts shall keep the new pieces (default 365d)").setting();
  command.number("--price", "N", to.price_max, 0, INT64_MAX, "the most that a piece may cost (default 0)").setting();
  command.text("--receipts", "FILE", to.receipts, "write the new contracts and receipts here, as JSON Lines");
  cli::declare_key_options(command, to.key);
}

Result<cli::Exit> run(cli::World& world, const Options& options) {
  const bool is_tree = !options.what.empty() && client::is_tree_path(options.what.front());
  for (const auto& what : options.what)
    if (client::is_tree_path(what) != is_tree || (!is_tree && options.what.size() > 1))
      return fail(Code::usage, "one manifest, or names of the tree", "the manifest with its new places is one output");
  if (is_tree && options.output) return fail(Code::usage, "-o is for manifests: names in the tree get the new one there");
  if (options.recursive && !is_tree) return fail(Code::usage, "-R is for folders of your tree", "such as inxt:/photos");
  auto known = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  cli::warn_of_disputes(world, known);
  std::optional<format::BridgeFile> bridge;
  if (!options.hosts) bridge = TRY(cli::find_bridge_file(options.bridge));
  Work work{.world = world,
            .options = options,
            .key = TRY(world.key(options.key)),
            .known = std::move(known),
            .bridge = std::move(bridge),
            .allow = TRY(cli::allowances_of(options.change)),
            .silent = client::SilentHosts(world.clock()),
            .receipts = std::nullopt};
  if (options.receipts) work.receipts = TRY(world.output(options.receipts, cli::World::Kind::text));
  world.progress().begin("repairing");
  const auto exit = is_tree ? TRY(repair_tree(work))
                            : TRY(repair_file(work, options.what.empty() ? std::nullopt
                                                                         : std::optional(options.what.front())));
  if (work.receipts) TRY(work.receipts->commit());
  return exit;
}

}  // namespace
}  // namespace inxt::repair_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::repair_tool::Options>(
      argc, argv,
      {"inxt-repair", "store the lost pieces of a file anew",
       "examples:\n"
       "  inxt-repair --hosts hosts < photos.inxt > repaired.inxt\n"
       "  inxt-repair -n photos.inxt\n"
       "  inxt-repair --all -R inxt:/photos"},
      inxt::repair_tool::declare, inxt::repair_tool::run);
}
