// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

#include "cli/layout_options.h"
#include "cli/run.h"

namespace inxt::encrypt_tool {

struct Options {
  cli::KeyOptions key;
  cli::ContentOptions content;
  bool decrypt = false;
  std::optional<std::string> ciphertext;
  std::optional<std::string> output;
  std::optional<std::string> file;   // data; with --decrypt a manifest
  std::vector<std::string> folders;  // --decrypt
  std::vector<std::string> signers;  // --decrypt
};

void declare(cli::Command& command, Options& options);
Result<cli::Exit> encrypt(cli::World& world, const Options& options);
Result<cli::Exit> decrypt(cli::World& world, const Options& options);

}  // namespace inxt::encrypt_tool
