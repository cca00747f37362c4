// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-rekey: give a file a new secret, and replace its pieces.  Manual: inxt-rekey(1).
#include <fmt/format.h>

#include "cli/disputes.h"
#include "cli/escape.h"
#include "rekey_tool.h"

namespace inxt::rekey_tool {
namespace {

void declare(cli::Command& command, Options& to) {
  command.positional("MANIFEST", to.what, "a manifest's file, which is replaced, or inxt:/path");
  command.flag("-R,--recursive", to.recursive, "all files of a folder of the tree");
  command.texts("--drop", "RECIPIENT", to.drop,
                "a recipient who shall not read the new file; may be given often");
  command.text("--hosts", "FILE", to.hosts, "signed Host descriptors, one a line, for the new pieces")
      .setting();
  cli::declare_bridge_option(command, to.bridge, "let this Bridge say where the new pieces go")
      .not_with("hosts");
  command.number("-j,--jobs", "N", to.jobs, 1, 256, "pieces under way at once, in each direction").setting();
  command.duration("--term", "DURATION", to.term_s, "how long Hosts shall keep the new pieces (default 365d)")
      .setting();
  command.number("--price", "N", to.price_max, 0, INT64_MAX, "the most that a piece may cost (default 0)")
      .setting();
  cli::declare_key_options(command, to.key);
}

Result<cli::Exit> run(cli::World& world, const Options& options) {
  std::vector<keys::Recipient> dropped;
  for (const auto& text : options.drop)
    dropped.push_back(TRY_IN(fmt::format("--drop {}", cli::escape(text)), keys::recipient_from_text(text)));
  auto known = TRY(client::read_hosts_file(options.hosts, world.stop().fd()));
  cli::warn_of_disputes(world, known);
  std::optional<format::BridgeFile> bridge;
  if (!options.hosts) bridge = TRY(cli::find_bridge_file(options.bridge));
  auto key = TRY(world.key(options.key));
  if (!key.is_owner())
    return fail(Code::denied, "this key file is a delegated machine's: it can read and delete nothing",
                "use the owner's key file");
  if (bridge)
    TRY(format::check_permit_holder(*bridge, key.uploader().account_id(HostId{bridge->bridge.bridge})));
  Work work{.world = world,
            .options = options,
            .key = std::move(key),
            .known = std::move(known),
            .bridge = std::move(bridge),
            .dropped = std::move(dropped)};
  if (client::is_tree_path(options.what)) return rekey_tree(work, options.what);
  if (options.recursive) return fail(Code::usage, "-R is for folders of the tree: inxt:/path");
  if (options.what == "-")
    return fail(Code::usage, "a manifest on standard input cannot be replaced", "name its file");
  return rekey_file(work, options.what);
}

}  // namespace
}  // namespace inxt::rekey_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::rekey_tool::Options>(
      argc, argv,
      {"inxt-rekey", "give a file a new secret, and replace its pieces",
       "examples:\n"
       "  inxt-rekey --drop inxtr1... --hosts hosts photos.inxt\n"
       "  inxt-rekey -R inxt:/photos"},
      inxt::rekey_tool::declare, inxt::rekey_tool::run);
}
