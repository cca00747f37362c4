// SPDX-License-Identifier: AGPL-3.0-or-later
// A lease as a whole Bridge gives it.  (The worlds of Hosts and of Bridges do not fit into one source.)
#pragma once

#include <string>

#include "base/ids.h"
#include "crypto/sign.h"

namespace inxt::testing {

struct LeaseOrder {
  HostId host;
  const crypto::SigningKey& account;  // whose piece it is: it lets the Bridge lease
  PieceId piece;
  const crypto::SigningKey& reader;
};
/// The owner makes a share, over TLS; the reader asks for a lease: the value of Inxt-Capability.
std::string lease_from_bridge(const LeaseOrder& order);

}  // namespace inxt::testing
