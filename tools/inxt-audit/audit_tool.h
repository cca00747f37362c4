// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

#include "cli/run.h"
#include "client/audit.h"

namespace inxt::audit_tool {

struct Options {
  std::optional<std::string> manifest;
  std::optional<std::string> verify;
  std::optional<HostId> extract;
  std::optional<std::string> proofs;
  std::optional<std::string> hosts;
  client::AuditOptions audit;
};

void declare(cli::Command& command, Options& options);

/// A Host's line on standard output, and a word to the person when it did not pass.
Result<void> print_host(cli::World& world, const client::HostReport& report);
/// The last line, the sentence that sums it up, and the exit status.
Result<cli::Exit> print_summary(cli::World& world, const client::AuditTotal& total,
                                std::optional<std::uint64_t> pieces_without_place);

}  // namespace inxt::audit_tool
