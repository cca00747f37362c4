// SPDX-License-Identifier: LGPL-3.0-or-later
// What an answer shows: about one block, about one Host, and with what confidence about everything it should
// hold. Nothing here is an error: a failed audit is a verdict.  Needs no key and no data but the answer.
#pragma once

#include <string_view>

#include "base/ids.h"
#include "proof/tree.h"

namespace inxt::proof {

/// One line of a Host's answer.
struct Proof {
  PieceId piece;
  std::uint64_t block = 0;
  bool missing = false;  // the Host says it has not got it; what follows is empty then
  std::uint64_t size_bytes = 0;
  Bytes data;
  Path path;
};

/// What one proof shows.  Everything but `held` is evidence against the Host that signed it.
enum class Outcome {
  held,          // the block is the one that the piece id names
  missing,       // the Host says that it has not got it
  other_block,   // an answer to another question
  wrong_size,    // the piece's size is not the one asked about
  wrong_length,  // the data is not as long as this block is
  wrong_path,    // the path has another length than this block's has
  wrong_data,    // data and path do not lead to the piece id
};
/// The name in reports, e.g. "wrong_data".
std::string_view outcome_name(Outcome outcome);

/// Checks a proof of block `block` of a piece.  REQUIRES: size_bytes is 1 to kPieceBytesMax, block < its
/// blocks. Cost: one hash of a block and at most kPathHashesMax of 65 bytes.
Outcome verify(const PieceId& piece, std::uint64_t size_bytes, std::uint64_t block, const Proof& proof);

/// What a Host's answers show together.
enum class Verdict {
  passed,       // every sample was held
  failed,       // a signed wrong or missing answer: evidence that anyone can check again
  unreachable,  // a sample got no signed answer: the auditor's testimony, no evidence
};
std::string_view verdict_name(Verdict verdict);
/// `failed` as soon as one sample failed, else `unreachable` as soon as one got no answer.
Verdict verdict_of(std::uint64_t held, std::uint64_t failed, std::uint64_t unanswered);

/// How much may be bad although the samples came out as they did.
struct Bound {
  std::uint64_t blocks_bad_max = 0;
  double fraction = 0;  // blocks_bad_max / blocks, 0 to 1
};

inline constexpr double kConfidenceDefault = 0.99;
inline constexpr std::uint64_t kBoundBlocksMax = std::uint64_t{1} << 40;

/// The largest number d of bad blocks among `blocks` with P(at most `failures` of `samples` are bad | d) >= 1
/// - confidence, samples being drawn without replacement: exact hypergeometric, which is Clopper-Pearson's
/// bound when blocks are many.  Count an unanswered sample as a failure: a Host that chooses which questions
/// it answers must not choose the bound. REQUIRES: failures <= samples <= blocks, 1 <= blocks <=
/// kBoundBlocksMax, 0 < confidence < 1. Cost: 40 times `samples` logarithms (0.3 ms for 460).
Bound bad_blocks_bound(std::uint64_t blocks, std::uint64_t samples, std::uint64_t failures,
                       double confidence);

}  // namespace inxt::proof
