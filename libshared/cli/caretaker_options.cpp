// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/caretaker_options.h"

#include "cli/escape.h"

namespace inxt::cli {

Option& declare_caretaker_option(Command& command, CaretakerOptions& to) {
  return command.text("--caretaker", "FILE", to.file,
                      "key file of the caretaker under whose number the Bridge stores (inxt-key caretaker)");
}

Result<keys::UploaderKeys> caretaker_of(World& world, const CaretakerOptions& options, const keys::Key& key) {
  if (options.file) {
    KeyOptions named;
    named.key_file = options.file;
    const auto caretaker = TRY(world.key(named));
    if (!caretaker.is_caretaker())
      return fail(Code::usage, escape(*options.file) + ": not a caretaker's key file",
                  "inxt-key caretaker makes one");
    return caretaker.uploader().clone();
  }
  auto keys = key.uploader(format::kCaretakersBegin + options.number);
  if (!keys)
    return fail(Code::usage, "this key file is a delegated machine's: it makes no caretaker",
                "give --caretaker FILE, made by the owner with inxt-key caretaker");
  return *std::move(keys);
}

}  // namespace inxt::cli
