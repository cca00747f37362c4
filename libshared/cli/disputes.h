// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include "cli/world.h"
#include "format/known_hosts.h"

namespace inxt::cli {

inline constexpr std::size_t kDisputesNamedMax = 8;

/// Tells the person of Hosts whose keys named two successors.
void warn_of_disputes(World& world, const format::KnownHosts& hosts);

}  // namespace inxt::cli
