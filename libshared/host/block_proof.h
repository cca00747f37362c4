// SPDX-License-Identifier: LGPL-3.0-or-later
// One block with what proves it, as the answers to audits show it.  For the sources of this room.
#pragma once

#include "format/audit_lines.h"
#include "store/store.h"

namespace inxt::host {

inline constexpr std::size_t kProofLineBytesMax = format::kLineBytesMax;

/// The store's block, if it is the one that the piece id names: what this Host would sign a falsehood about
/// is missing.  Cost: a data page and a tree page of the disk.
/// Errors: those of Store::read_block(); integrity when the disk gave other bytes than were stored.
Result<format::ProofLine> prove_block(store::Store& store, const format::AuditSample& sample);

/// The line that says that this Host cannot show it.
format::ProofLine missing_block(const format::AuditSample& sample);

}  // namespace inxt::host
