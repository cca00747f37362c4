// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-care: let a Bridge repair files.  Manual: inxt-care(1).
#include "care_tool.h"

namespace inxt::care_tool {
namespace {

Result<cli::Exit> work(cli::World& world, const Options& options) {
  if (options.command == "add") return add(world, options);
  if (options.command == "list") return list(world, options);
  if (options.command == "remove") return remove(world, options);
  return places(world, options);
}

}  // namespace
}  // namespace inxt::care_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::care_tool::Options>(
      argc, argv,
      {"inxt-care", "let a Bridge repair files while nobody looks",
       "examples:\n"
       "  inxt-care add photos.inxt\n"
       "  inxt-care add -R inxt:/                  all that your tree names, and the tree\n"
       "  inxt-care list --json | jq 'select(.short_segments > 0)'\n"
       "  inxt-care places photos.inxt >> photos.inxt"},
      inxt::care_tool::declare, inxt::care_tool::work);
}
