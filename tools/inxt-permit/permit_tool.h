// SPDX-License-Identifier: AGPL-3.0-or-later
// The subcommands of inxt-permit.
#pragma once

#include "cli/bridge_options.h"
#include "cli/key_options.h"
#include "cli/run.h"

namespace inxt::permit_tool {

struct Options {
  std::string command;
  cli::BridgeFileOptions bridge;
  cli::KeyOptions key;
  bool offline = false;  // show

  // delegate
  std::optional<std::string> to, can, until, object;
  std::optional<std::uint64_t> quota_bytes;

  std::string revoked;  // a permit's id, or a bridge file whose last permit it is
};

void declare(cli::Command& command, Options& to);
Result<cli::Exit> show(cli::World& world, const Options& options);
Result<cli::Exit> delegate(cli::World& world, const Options& options);
Result<cli::Exit> revoke(cli::World& world, const Options& options);

}  // namespace inxt::permit_tool
