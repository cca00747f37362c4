// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-object: objects without names, and writes at an offset.  Manual: inxt-object(1).
#include "object_tool.h"

namespace inxt::object_tool {
namespace {

Result<cli::Exit> work(cli::World& world, const Options& options) {
  if (options.command == "create") return create(world, options);
  if (options.command == "get") return get(world, options);
  if (options.command == "write") return write(world, options);
  if (options.command == "truncate") return truncate(world, options);
  if (options.command == "meta") return meta(world, options);
  if (options.command == "rm") return remove(world, options);
  if (options.command == "versions") return versions(world, options);
  if (options.command == "purge") return purge(world, options);
  return list(world, options);
}

}  // namespace
}  // namespace inxt::object_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::object_tool::Options>(
      argc, argv,
      {"inxt-object", "keep objects at Hosts: write them at an offset, describe them, list them",
       "examples:\n"
       "  id=$(inxt-object create --metadata kind=disk disk.img)\n"
       "  inxt-object write $id --offset 4KiB block.bin\n"
       "  inxt-object get $id --range 4096-8191\n"
       "  inxt-object ls --metadata kind=disk"},
      inxt::object_tool::declare, inxt::object_tool::work);
}
