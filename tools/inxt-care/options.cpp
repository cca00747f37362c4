// SPDX-License-Identifier: AGPL-3.0-or-later
#include "care_tool.h"

namespace inxt::care_tool {
namespace {

void declare_common(cli::Command& command, Options& to, std::string names_help) {
  command.positionals("MANIFEST", to.names, std::move(names_help));
  command.flag("-R,--recursive", to.recursive,
               "all files below a folder of the tree; with inxt:/ also the pieces in which the log lies");
  command.text("--hosts", "FILE", to.hosts, "newer addresses of Hosts than manifests have").setting();
  cli::declare_bridge_option(command, to.bridge, "the Bridge that cares");
  cli::declare_key_options(command, to.key);
}

}  // namespace

void declare(cli::Command& command, Options& to) {
  cli::Command& add = command.subcommand("add", "entrust files to the Bridge", to.command);
  cli::declare_caretaker_option(add, to.caretaker);
  add.number("--number", "N", to.caretaker.number, 0, format::kUploaderMax - format::kCaretakersBegin,
             "the caretaker of this number, made from the owner's key (default 0)")
      .not_with("caretaker");
  declare_common(add, to,
                 "manifests, or names in your tree: inxt:/a.tar (default: a manifest on standard input)");
  declare_common(command.subcommand("list", "print what is in care, and how it is", to.command), to,
                 "only these (default: all of them)");
  declare_common(command.subcommand("remove", "end the care of files: their pieces stay", to.command), to,
                 "manifests, or names in your tree (default: a manifest on standard input)");
  declare_common(command.subcommand("places", "print where the Bridge has put pieces, as lines of a manifest",
                                    to.command),
                 to, "manifests, or names in your tree (default: a manifest on standard input)");
  command.require_subcommand();
}

}  // namespace inxt::care_tool
