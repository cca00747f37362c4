// SPDX-License-Identifier: LGPL-3.0-or-later
// A reader's side of a share: its bundle, and the plaintext of a file in it.  Tool: inxt-get(1).
#pragma once

#include "client/get_file.h"
#include "client/lease_book.h"

namespace inxt::client {

/// Fetches the bundle and opens it.
/// Errors: denied when the share has ended or was revoked; integrity when what came is not what the share's
/// owner signed; those of BridgeShares.
net::Awaitable<Result<format::ShareBundle>> fetch_bundle(transfer::BridgeShares& bridge,
                                                         const format::ShareAccess& access,
                                                         const sys::Clock& clock);

/// The file of a share of one; else the one with this path.  Errors: usage without a path where it is a
/// folder; not_found.
Result<const format::SharedFile*> find_in(const format::ShareBundle& bundle,
                                          const std::optional<std::string>& path);

/// Gets what is asked for and finishes `plain`.  REQUIRES: the network's service shows what `leases` gives.
/// Errors: get_file()'s; where no lease came: why.
net::Awaitable<Result<GetReport>> get_shared(Network network, LeaseBook& leases,
                                             const format::SharedFile& file,
                                             std::vector<transfer::HostAddress> hosts,
                                             std::unique_ptr<ByteSink> plain, std::optional<PlainRange> range,
                                             GetOptions options, GetCallbacks callbacks);

}  // namespace inxt::client
