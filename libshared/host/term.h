// SPDX-License-Identifier: LGPL-3.0-or-later
// Until when a contract runs, and what terms this Host agrees to.  For the sources of this room.
#pragma once

#include "format/json.h"
#include "host/exchange.h"

namespace inxt::host {

/// What the latest renewal's acceptance says, else the contract's own.  Both are this Host's word.
/// Errors: integrity, when the stored token is none.
Result<std::int64_t> end_of_term_unix_s(const store::Trailer& contract);

/// Whether this Host agrees, now, to keep something until then for that price.  `what` is "offer" or
/// "renewal". Errors: 403.
std::expected<void, Refusal> check_terms(const Options& terms, std::string_view what, std::uint64_t price,
                                         std::int64_t until_unix_s, std::int64_t now_unix_s);

/// The members `renewal` and `renewal_acceptance`, where there is one.
void add_renewal(format::Json& json, const store::Trailer& contract);

}  // namespace inxt::host
