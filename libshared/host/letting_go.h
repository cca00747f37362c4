// SPDX-License-Identifier: LGPL-3.0-or-later
// Removes contracts so that the inventory knows why: each way out of the store is one of these.  On a pool
// thread.
#pragma once

#include "host/host.h"

namespace inxt::host {

/// On an owner's order.  `trailer`: the contract that the order is about.
/// Errors: those of Store::remove() and Inventory::let_go().
Result<void> remove_deleted(Host& host, const store::Trailer& trailer, std::string_view deletion_token);

/// On a Bridge's word that another Host holds the piece.  `trailer`: the contract that it is about.
/// Errors: as remove_deleted().
Result<void> remove_released(Host& host, const store::Trailer& trailer, std::string_view release_token);

/// When its term, with its renewal, ended before that time.
/// Errors: those of Store::remove_ended() and Inventory::let_go().
Result<void> remove_ended(Host& host, const store::Key& key, std::int64_t before_unix_s);
/// Many of them, which share the syncs of what the inventory keeps.  One outcome for each.
std::vector<Result<void>> remove_ended(Host& host, std::span<const store::Key> keys,
                                       std::int64_t before_unix_s);

}  // namespace inxt::host
