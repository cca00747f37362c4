// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/block_proof.h"

namespace inxt::host {

Result<format::ProofLine> prove_block(store::Store& store, const format::AuditSample& sample) {
  store::BlockProof block = TRY(store.read_block(sample.piece, sample.block));
  const auto head = proof::head_from_path(proof::leaf_hash(block.data), sample.block,
                                          proof::blocks_in(block.size_bytes), block.path);
  if (!head || proof::piece_id(block.size_bytes, *head) != sample.piece)
    return fail(Code::integrity, "the disk gave other bytes than were stored");
  return format::ProofLine{.sample = sample,
                           .missing = false,
                           .size = static_cast<std::uint32_t>(block.size_bytes),
                           .data = std::move(block.data),
                           .path = std::move(block.path)};
}

format::ProofLine missing_block(const format::AuditSample& sample) {
  format::ProofLine line;
  line.sample = sample;
  line.missing = true;
  return line;
}

}  // namespace inxt::host
