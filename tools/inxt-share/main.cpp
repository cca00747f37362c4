// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-share: let others read a file or a folder, until a time.  Manual: inxt-share(1).
#include "share_tool.h"

namespace inxt::share_tool {
namespace {

Result<cli::Exit> run(cli::World& world, const Options& options) {
  const int ways = int{options.list} + int{!options.revoke.empty()} + int{options.refresh};
  if (ways > 1 || (ways == 1 && (options.what || options.link || !options.recipients.empty())))
    return fail(Code::usage, "--list, --revoke and --refresh stand alone");
  if (options.list) return list(world, options);
  if (!options.revoke.empty()) return revoke(world, options);
  if (options.refresh) return refresh(world, options);
  if (!options.link && options.recipients.empty())
    return fail(Code::usage, "with whom?", "say -r RECIPIENT, or --link");
  const bool in_tree = options.what && client::is_tree_path(*options.what);
  const bool stanza =
      options.stanza || (!in_tree && !options.link && !TRY(cli::find_bridge_file(options.bridge)));
  if (!stanza) return share(world, options);
  if (in_tree || options.link) return fail(Code::usage, "--stanza is for a manifest and -r");
  if (options.term_s)
    return fail(Code::usage, "--expires: what stands in a manifest does not end",
                "share it through a Bridge");
  return add_stanzas(world, options);
}

}  // namespace

void declare(cli::Command& command, Options& to) {
  command.positional("FILE", to.what,
                     "a manifest, or inxt:/path of a file or folder (default: a manifest on standard input)");
  command.texts("-r,--recipient", "RECIPIENT", to.recipients,
                "for this key only (inxtr1...): writes a share file");
  command.flag("--link", to.link, "for whoever has the link, which is written").not_with("recipient");
  command.duration("--expires", "DURATION", to.term_s, "how long it is shared (default 7d)").setting();
  command.flag("--stanza", to.stanza,
               "without a Bridge: write the manifest again, with a stanza for each -r behind it");
  command.text("-o,--output", "FILE", to.output,
               "write here, whole or not at all (default: standard output)");
  command.flag("--list", to.list, "print your shares");
  command.texts("--revoke", "ID", to.revoke, "end this share; may be given often");
  command.flag("--refresh", to.refresh, "let all shares show what is at their paths now");
  command.text("--hosts", "FILE", to.hosts, "newer addresses of Hosts than the manifest has").setting();
  cli::declare_bridge_option(command, to.bridge, "the Bridge that shares it");
  cli::declare_key_options(command, to.key);
}

}  // namespace inxt::share_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::share_tool::Options>(
      argc, argv,
      {"inxt-share", "let others read a file or a folder, until a time",
       "examples:\n"
       "  inxt-share --link --expires 2d photos.inxt\n"
       "  inxt-share -r inxtr1... -o for-anna.share inxt:/photos/2026"},
      inxt::share_tool::declare, inxt::share_tool::run);
}
