// SPDX-License-Identifier: LGPL-3.0-or-later
// When heads of the inventory are made: at the beginning of each hour, and when somebody asks.
#pragma once

#include "host/host.h"

namespace inxt::host {

/// Whether a head is due now.
bool is_head_due(const Host& host);

/// Until it is cancelled.  REQUIRES: the Host has an inventory.
net::Awaitable<void> run_inventory(Host& host);

}  // namespace inxt::host
