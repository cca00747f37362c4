// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-key: make, restore and show an owner's keys, and delegate to machines that only put.  Manual:
// inxt-key(1).
#include "commands.h"

namespace inxt::key_tool {
namespace {

Result<cli::Exit> key(cli::World& world, const Options& options) {
  if (options.command == "new") return make_new(world, options);
  if (options.command == "restore") return restore(world, options);
  if (options.command == "show") return show(world, options);
  if (options.command == "uploader") return make_uploader(world, options);
  if (options.command == "caretaker") return make_caretaker(world, options);
  return file_key(world, options);
}

}  // namespace
}  // namespace inxt::key_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::key_tool::Options>(
      argc, argv,
      {"inxt-key", "make, restore and show keys",
       "examples:\n"
       "  inxt-key new                            a key, and the words that bring it back\n"
       "  inxt-key show --recipient               what others need to encrypt for you\n"
       "  inxt-key uploader 1 | ssh host 'umask 077; mkdir -p .config/inxt; cat > .config/inxt/key'"},
      inxt::key_tool::declare, inxt::key_tool::key);
}
