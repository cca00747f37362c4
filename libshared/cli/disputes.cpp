// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/disputes.h"

#include <fmt/format.h>

namespace inxt::cli {

void warn_of_disputes(World& world, const format::KnownHosts& hosts) {
  const auto& disputes = hosts.disputes();
  for (std::size_t i = 0; i < disputes.size() && i < kDisputesNamedMax; ++i)
    world.warn(format::KnownHosts::describe(disputes[i]));
  if (disputes.size() > kDisputesNamedMax)
    world.warn(fmt::format("and {} Hosts more with two successors", disputes.size() - kDisputesNamedMax));
}

}  // namespace inxt::cli
