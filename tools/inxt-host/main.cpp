// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-host: store pieces for others.  Manual: inxt-host(8).
#include "cli/run.h"
#include "options.h"

namespace inxt::tools {

Result<cli::Exit> work(cli::World& world, const HostOptions& options) {
  if (options.command == "check") return check(world, options);
  if (options.command == "descriptor") return descriptor(world, options);
  if (options.command == "status") return status(world, options);
  if (options.command == "audits") return audits(world, options);
  if (options.command == "evidence") return evidence(world, options);
  if (options.command == "move") return move_store(world, options);
  if (options.command == "drain") return drain(world, options);
  if (options.command == "retire") return retire(world, options);
  if (options.command == "pause") return pause(world, options);
  if (options.command == "map-port") return map_port(world, options);
  if (options.command == "doctor") return doctor(world, options);
  if (options.command == "backup") return backup(world, options);
  if (options.command == "restore") return restore(world, options);
  if (options.command == "rotate-key") return rotate_key(world, options);
  return run_daemon(world, options);
}

}  // namespace inxt::tools

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::tools::HostOptions>(argc, argv, {"inxt-host", "store pieces for others"},
                                                  inxt::tools::declare, inxt::tools::work);
}
