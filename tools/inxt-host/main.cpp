// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host: store pieces for others.  Manual: inxt-host(8).
#include "cli/run.h"
#include "options.h"

namespace inxt::tools {

Result<cli::Exit> work(cli::World& world, const HostOptions& options) {
  if (options.command == "check") return check(world, options);
  if (options.command == "descriptor") return descriptor(world, options);
  if (options.command == "status") return status(world, options);
  if (options.command == "doctor") return doctor(world, options);
  return serve(world, options);
}

}  // namespace inxt::tools

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::tools::HostOptions>(argc, argv, {"inxt-host", "store pieces for others"},
                                                  inxt::tools::declare, inxt::tools::work);
}
