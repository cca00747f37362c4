// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-encrypt: encrypt a file for its owner and others, and describe it; or decrypt it.  Manual:
// inxt-encrypt(1).
#include "options.h"

namespace inxt::encrypt_tool {

void declare(cli::Command& command, Options& options) {
  command.positional("FILE", options.file,
                     "what to encrypt (default: standard input); with --decrypt, a manifest");
  command.flag("--decrypt", options.decrypt, "give the plaintext of a manifest");
  command.text("--ciphertext", "FILE", options.ciphertext,
               "where the ciphertext goes (default: FILE.enc; the spool for standard input); with --decrypt, "
               "where it comes "
               "from, - for standard input");
  command.text("-o,--output", "FILE", options.output, "write to FILE (default: standard output)");
  cli::declare_content_options(command, options.content);
  command
      .texts("--dir", "DIR", options.folders,
             "with --decrypt: where ciphertext or pieces lie; may be given often")
      .in_group("Decrypting");
  command.texts("--signer", "ID", options.signers, "with --decrypt: also trust this writer or owner")
      .in_group("Decrypting");
  cli::declare_key_options(command, options.key);
}

namespace {

Result<cli::Exit> work(cli::World& world, const Options& options) {
  return options.decrypt ? decrypt(world, options) : encrypt(world, options);
}

}  // namespace
}  // namespace inxt::encrypt_tool

int main(int argc, char** argv) {
  return inxt::cli::run<inxt::encrypt_tool::Options>(
      argc, argv,
      {"inxt-encrypt", "encrypt a file and describe it in a manifest; or decrypt it",
       "examples:\n"
       "  inxt-encrypt photos.tar | inxt-shard -e 4+2 | inxt-put > photos.inxt\n"
       "  inxt-encrypt --decrypt photos.inxt --dir pieces -o photos.tar"},
      inxt::encrypt_tool::declare, inxt::encrypt_tool::work);
}
