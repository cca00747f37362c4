// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/key_options.h"

namespace inxt::cli {
namespace {

constexpr std::int64_t kFdMax = 1 << 20;  // Linux's nr_open

}  // namespace

void declare_key_options(Command& command, KeyOptions& to) {
  command.text("--key-file", "FILE", to.key_file, "take the key from FILE").in_group("key");
  command.number("--key-fd", "N", to.key_fd, 0, kFdMax, "take the key from file descriptor N")
      .in_group("key")
      .not_with("key-file");
  command.text("--key-command", "CMD", to.key_command, "take the key from what the shell command CMD prints")
      .in_group("key")
      .not_with("key-file")
      .not_with("key-fd");
  command
      .number("--passphrase-fd", "N", to.passphrase_fd, 0, kFdMax,
              "read the passphrase from file descriptor N")
      .in_group("key");
}

}  // namespace inxt::cli
