// SPDX-License-Identifier: LGPL-3.0-or-later
// One question to a Host or a Bridge over its wire, and its answer as text, for a daemon's commands.
#pragma once

#include <string>
#include <vector>

#include "net/tls.h"

namespace inxt::serve {

/// GET, or POST where there is a body, at the first of `addresses` where `peer` answers.  Waits for 20 s at
/// most. Errors: those of net::HttpClient and for any status but 2xx: with what the peer says.
Result<std::string> ask_peer(const std::vector<std::string>& addresses, const crypto::PublicKey& peer,
                             const std::string& target, const std::string& body = {},
                             const net::TlsIdentity* identity = nullptr);

}  // namespace inxt::serve
