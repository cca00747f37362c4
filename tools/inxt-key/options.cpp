// SPDX-License-Identifier: AGPL-3.0-or-later
#include "commands.h"
#include "format/manifest_lines.h"

namespace inxt::key_tool {
namespace {

void declare_new_file(cli::Command& command, Options& options) {
  command.text("-o,--output", "FILE", options.output,
               "write the key file to FILE (default: where every tool looks for it)");
  command.flag("--no-passphrase", options.no_passphrase,
               "leave the key file open; its mode is all that protects it");
  command
      .number("--passphrase-fd", "N", options.new_passphrase_fd, 0, 1 << 20,
              "read the new passphrase from file descriptor N")
      .not_with("no-passphrase");
}

void declare_key_for_another(cli::Command& command, Options& options) {
  command.text("-o,--output", "FILE", options.output,
               "write the key file to FILE (default: standard output)");
  command.flag("--seal", options.seal, "ask for a passphrase that seals it");
  command.number("--new-passphrase-fd", "N", options.new_passphrase_fd, 0, 1 << 20,
                 "seal it under the passphrase from file descriptor N");
  cli::declare_key_options(command, options.key);
}

}  // namespace

void declare(cli::Command& command, Options& options) {
  command.require_subcommand();

  cli::Command& make =
      command.subcommand("new", "make a key, and show the words that bring it back", options.command);
  declare_new_file(make, options);
  make.value(
          "--words", "24|12",
          [&](std::string_view text) -> Result<void> {
            if (text != "24" && text != "12") return fail(Code::usage, "24 or 12 words");
            options.word_count = text == "24" ? 24 : 12;
            return {};
          },
          "how many words (default: 24)")
      .choices = {"24", "12"};
  make.text("--words-out", "FILE", options.words_out,
            "write the words to FILE instead of showing them (- for standard output)");
  make.text("--recovery-card", "FILE", options.recovery_card,
            "write a page to print: the words, numbered, and what to do with them");

  cli::Command& restore = command.subcommand(
      "restore", "make the key file again from the words on standard input", options.command);
  declare_new_file(restore, options);

  cli::Command& show = command.subcommand("show", "show what may be shown of a key", options.command);
  show.flag("--recipient", options.show_recipient, "only the recipient, inxtr1..., that others encrypt for");
  show.flag("--id", options.show_id, "only the owner's id").not_with("recipient");
  show.value(
          "--for-host", "HOSTID",
          [&](std::string_view text) -> Result<void> {
            options.for_host = TRY(HostId::parse(text));
            return {};
          },
          "only the account id at this Host, for its --accept file")
      .not_with("recipient")
      .not_with("id");
  cli::declare_key_options(show, options.key);

  cli::Command& uploader = command.subcommand(
      "uploader", "make a delegated machine's key: it puts, lists and audits, and reads and deletes nothing",
      options.command);
  uploader
      .value(
          "", "N",
          [&](std::string_view text) -> Result<void> {
            options.uploader =
                static_cast<std::uint32_t>(TRY(cli::parse_integer(text, 1, format::kCaretakersBegin - 1)));
            return {};
          },
          "its number, from 1; each machine its own")
      .required();
  uploader.text("--until", "TIME", options.until,
                "when its certificate ends: a date or a duration (default: 365d)");
  declare_key_for_another(uploader, options);

  cli::Command& caretaker = command.subcommand(
      "caretaker", "make the key of one who repairs for you: it stores lost pieces anew, and writes, reads and "
                   "deletes nothing",
      options.command);
  caretaker
      .number("-n,--number", "N", options.caretaker, 0, format::kUploaderMax - format::kCaretakersBegin,
              "which caretaker, from 0; each its own (default: 0)");
  declare_key_for_another(caretaker, options);

  cli::Command& file_key = command.subcommand(
      "file-key", "show the key of one file's data, for recovery with openssl", options.command);
  file_key.positional("MANIFEST", options.manifest, "the file's manifest (default: standard input)");
  file_key.flag("-y,--yes", options.yes, "do not ask on a terminal");
  cli::declare_key_options(file_key, options.key);
}

}  // namespace inxt::key_tool
