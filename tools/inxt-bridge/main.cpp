// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-bridge: know Hosts, place pieces, keep owners' logs.  Manual: inxt-bridge(8).
#include "cli/run.h"
#include "options.h"

namespace inxt::tools {

Result<cli::Exit> work(cli::World& world, const BridgeOptions& options) {
  if (options.command == "descriptor") return descriptor(world, options);
  if (options.command == "status") return status(world, options);
  if (options.command == "grant") return grant(world, options);
  if (options.command == "accounts") return accounts(world, options);
  if (options.command == "check") return check(world, options);
  if (options.command == "reports") return reports(world, options);
  if (options.command == "repairs") return repairs(world, options);
  if (options.command == "revoke") return revoke(world, options);
  return run_daemon(world, options);
}

}  // namespace inxt::tools

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::tools::BridgeOptions>(argc, argv,
                                                    {"inxt-bridge", "bring Hosts and owners together"},
                                                    inxt::tools::declare, inxt::tools::work);
}
