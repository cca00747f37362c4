// SPDX-License-Identifier: LGPL-3.0-or-later
// A tool's main:
//
//   int main(int argc, char** argv) {
//     return inxt::cli::run<Options>(argc, argv, {"inxt-audit", "challenge Hosts ..."}, declare, audit);
//   }
//
// with  void declare(cli::Command&, Options&)  and  Result<cli::Exit> audit(cli::World&, const Options&).
//
// run() starts the crypto library, adds the common flags, parses, fills in settings (flag, then INXT_*
// variable, then config.json, then default), calls the work, reports its error, and gives the exit status.
// Standard output that is closed or fails is a failure; a reader that went away ends the tool by SIGPIPE
// without a word; a stop signal that came is raised again.
#pragma once

#include "cli/command.h"
#include "cli/world.h"

namespace inxt::cli {

int run_tool(int argc, char** argv, const Tool& tool, const std::function<void(Command&)>& declare,
             const std::function<Result<Exit>(World&)>& work);

/// The settings once more, as the command line, the environment and the configuration file say them now: for
/// a daemon whose file has changed.  Errors: as at the start; `declare`'s targets are then of no use.
Result<void> read_settings_again(const World& world, const std::function<void(Command&)>& declare);

template <class Options>
int run(int argc, char** argv, const Tool& tool, void (*declare)(Command&, Options&),
        Result<Exit> (*work)(World&, const Options&)) {
  Options options;
  return run_tool(
      argc, argv, tool, [&](Command& command) { declare(command, options); },
      [&](World& world) { return work(world, options); });
}

}  // namespace inxt::cli
