// SPDX-License-Identifier: LGPL-3.0-or-later
// The tag that goes into a piece's contract, from the manifest's own lines.  Format: inxt-tag(5).
#pragma once

#include "format/manifest_chain.h"
#include "format/tag.h"
#include "keys/bech32.h"

namespace inxt::transfer {

/// The tag of a piece: what goes into its contract and beside its file.  `piece_line` without newline.
/// Errors: failure when there is no stanza, or the lines do not fit.
Result<Bytes> tag_for(const keys::Recipient& owner, const format::Chain& chain, const std::string& piece_line,
                      crypto::Key control_seed);

}  // namespace inxt::transfer
