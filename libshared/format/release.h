// SPDX-License-Identifier: LGPL-3.0-or-later
// Whether a Host shows that it need not hold a piece any more that its inventory has.  Format: inxt-proof(5),
// "Released".
#pragma once

#include "format/inventory_requests.h"
#include "proof/inventory.h"

namespace inxt::format {

/// Errors: integrity, naming what does not hold, unless the line shows all of this: a contract of `host` (or
/// of an id that it had) about the leaf's piece; that the leaf has no other contract; and that its control
/// key ended it, or that a Bridge released the Host from it, or that its term, with the renewal that is
/// shown, was over at `answered_unix_s`. A Host can withhold a renewal: then the renewal's acceptance, which
/// the account holds, shows that it lied. Anybody can be a Bridge: whether its word counts is the reader's
/// question. Cost: three to five signatures.
Result<void> check_released(const ReleasedLine& line, const proof::InventoryLeaf& leaf, const HostId& host,
                            std::int64_t answered_unix_s);

}  // namespace inxt::format
