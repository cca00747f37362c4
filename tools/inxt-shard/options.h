// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

#include "cli/layout_options.h"
#include "cli/run.h"

namespace inxt::shard_tool {

struct Options {
  cli::KeyOptions key;
  cli::LayoutOptions layout;
  bool join = false;
  std::optional<std::string> manifest;
  std::optional<std::string> output;
  std::vector<std::string> folders;  // where pieces go, or lie
  std::vector<std::string> sources;  // where ciphertext may lie
  std::vector<std::string> signers;
};

void declare(cli::Command& command, Options& options);
Result<cli::Exit> shard(cli::World& world, const Options& options);
Result<cli::Exit> join(cli::World& world, const Options& options);

}  // namespace inxt::shard_tool
