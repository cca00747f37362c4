// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/exchange.h"

namespace inxt::bridge {

Exchange::Exchange(Bridge& bridge, net::ServerRequest& request, net::ServerResponse& response)
    : serve::Exchange(bridge.service(), request, response, net::network_of(request.peer_address())),
      bridge_(bridge) {}

}  // namespace inxt::bridge
