// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-shard: cut ciphertext into pieces that survive the loss of some, or join it again.  Manual:
// inxt-shard(1).
#include "options.h"

namespace inxt::shard_tool {

void declare(cli::Command& command, Options& options) {
  command.positional("MANIFEST", options.manifest, "a manifest (default: standard input)");
  command.flag("--join", options.join, "give the ciphertext of a manifest's pieces");
  command.texts("--dir", "DIR", options.folders,
                "where the pieces go (default: the spool); with --join, where they lie: may be given often");
  command.texts("--from", "DIR", options.sources,
                "where ciphertext may lie, beside the spool and the working folder; may be given often");
  command.text("-o,--output", "FILE", options.output, "write to FILE (default: standard output)");
  cli::declare_layout_options(command, options.layout);
  command.texts("--signer", "ID", options.signers, "with --join: also trust this writer or owner");
  cli::declare_key_options(command, options.key);
}

namespace {

Result<cli::Exit> work(cli::World& world, const Options& options) {
  return options.join ? join(world, options) : shard(world, options);
}

}  // namespace
}  // namespace inxt::shard_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::shard_tool::Options>(
      argc, argv,
      {"inxt-shard", "cut ciphertext into pieces, any K of K+M of which are enough; or join it again",
       "examples:\n"
       "  inxt-encrypt photos.tar | inxt-shard -e 4+2 --dir pieces > photos.inxt\n"
       "  inxt-shard --join photos.inxt --dir pieces -o photos.tar.enc"},
      inxt::shard_tool::declare, inxt::shard_tool::work);
}
