// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-permit: what may be done at a Bridge, and by whom.  Manual: inxt-permit(1).
#include "permit_tool.h"

namespace inxt::permit_tool {
namespace {

Result<cli::Exit> work(cli::World& world, const Options& options) {
  if (options.command == "delegate") return delegate(world, options);
  if (options.command == "revoke") return revoke(world, options);
  return show(world, options);
}

}  // namespace
}  // namespace inxt::permit_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::permit_tool::Options>(
      argc, argv,
      {"inxt-permit", "see, hand on and take back what may be done at a Bridge",
       "examples:\n"
       "  inxt-permit show\n"
       "  inxt-permit delegate --to KEY --can create,list,audit --quota 50GB --until 90d > "
       "their-bridge-file\n"
       "  inxt-permit revoke their-bridge-file"},
      inxt::permit_tool::declare, inxt::permit_tool::work);
}
