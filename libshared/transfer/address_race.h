// SPDX-License-Identifier: LGPL-3.0-or-later
// Which of a Host's addresses answers: asked one shortly after the other, as RFC 8305 connects ("Happy Eyeballs"), so
// that a dead address costs a quarter of a second, not a connection's whole time.
#pragma once

#include <vector>

#include "net/http_client.h"

namespace inxt::transfer {

inline constexpr int kNextAddressMs = 250;  // RFC 8305, section 5

/// The address of the first endpoint that answers GET /v1/health, whatever it answers; its connection is kept by `http`.
/// The next one is asked after kNextAddressMs, or when one has failed.  All others are ended then.
/// Errors: the last one's.  REQUIRES: !endpoints.empty().
net::Awaitable<Result<std::string>> first_to_answer(net::HttpClient& http, std::vector<net::Endpoint> endpoints);

}  // namespace inxt::transfer
