// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host answers about its inventory, sample by sample.  On a pool thread.  For the sources of this
// room.
#pragma once

#include "format/inventory_lines.h"
#include "format/inventory_requests.h"
#include "host/audit_records.h"
#include "host/host.h"
#include "host/inventory.h"
#include "proof/chain.h"

namespace inxt::host {

/// What answers are made from.
struct AnswerParts {
  const Host& host;
  Inventory& inventory;
  const InventoryState& state;
};

/// The lines of one sample.
struct SampleAnswer {
  std::string lines;
  PieceId piece;
  SampleOutcome outcome = SampleOutcome::proved;
  std::optional<Error> missing = {};  // why it is
  proof::ChainLink link = {};         // for the next of a chain
};

/// Its inclusion, and the block, or why the piece was let go, or that it is missing.
/// REQUIRES: number < blocks of the head.  Cost: a data page and a tree page of the disk, and leaves that are
/// not at hand.  Errors: the disk's, about the inventory itself.
Result<SampleAnswer> answer_sample(const AnswerParts& parts, std::uint64_t number, std::int64_t now_unix_s,
                                   const std::optional<crypto::Hash>& chain_challenge);

struct LookupAnswer {
  std::string line;
  bool is_listed = false;  // the piece, and the contract where one was asked for
};
Result<LookupAnswer> answer_lookup(const AnswerParts& parts, const format::LookupPiece& asked);

}  // namespace inxt::host
