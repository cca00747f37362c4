// SPDX-License-Identifier: LGPL-3.0-or-later
// Which key, on the command line: --key-file, --key-fd, --key-command, --passphrase-fd.
#pragma once

#include "cli/command.h"

namespace inxt::cli {

struct KeyOptions {
  std::optional<std::string> key_file;
  std::optional<int> key_fd;
  std::optional<std::string> key_command;
  std::optional<int> passphrase_fd;
};

void declare_key_options(Command& command, KeyOptions& to);

}  // namespace inxt::cli
