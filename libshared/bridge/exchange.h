// SPDX-License-Identifier: LGPL-3.0-or-later
// One request to a Bridge, as its handlers see it.  For the sources of this room.
#pragma once

#include "bridge/bridge.h"
#include "serve/exchange.h"

namespace inxt::bridge {

using serve::Outcome;
using serve::Refusal;
using serve::refuse;

class Exchange : public serve::Exchange {
 public:
  /// A peer is counted by its network, whatever its key: keys cost nothing.
  Exchange(Bridge& bridge, net::ServerRequest& request, net::ServerResponse& response);

  Bridge& bridge() { return bridge_; }
  const Parts& parts() const { return bridge_.parts(); }

 private:
  Bridge& bridge_;
};

}  // namespace inxt::bridge
