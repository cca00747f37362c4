// SPDX-License-Identifier: LGPL-3.0-or-later
// The network as this room's engines are handed it.
#pragma once

#include "transfer/network.h"

namespace inxt::client {

using transfer::Network;

}  // namespace inxt::client
