// SPDX-License-Identifier: LGPL-3.0-or-later
// What an answer shows: about one block, about one Host, and with what confidence about everything it should
// hold. Nothing here is an error: a failed audit is a verdict.  Needs no key and no data but the answer.
#pragma once

#include <optional>
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

/// What one proof shows.  Everything but `held` and `released` is evidence against the Host that signed it.
enum class Outcome {
  held,          // the block is the one that the piece id names
  missing,       // the Host says that it has not got it
  malformed,     // no proof line: its form, or a limit
  other_block,   // an answer to another question
  wrong_size,    // the piece's size is not the one asked about
  wrong_length,  // the data is not as long as this block is
  wrong_path,    // the path has another length than this block's has
  wrong_data,    // data and path do not lead to the piece id
  // Of an audit over an inventory:
  bad_inclusion,  // does not lead to the head's root and sums, or does not cover the number asked for
  bad_release,    // says that the piece was given up, and does not show it
  released,       // the piece was rightly given up since the head: neither held nor failed
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
  late,         // all was shown, but some of it after the deadline: the auditor's testimony
  unanchored,   // all was shown in time, but nothing shows that the challenge is younger than the commitment
};
std::string_view verdict_name(Verdict verdict);

/// What became of the samples of one Host, or of Hosts: how many of each.
struct Tally {
  std::uint64_t failed = 0;
  std::uint64_t unanswered = 0;
  std::uint64_t late = 0;
  std::uint64_t unanchored = 0;
};
/// The first of failed, unreachable, late, unanchored that there is one of; else passed.
Verdict verdict_of(const Tally& tally);

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

/// The fewest samples of which at least one is bad with probability `confidence`, when `blocks_bad` of `blocks` are:
/// the smallest n with C(blocks - blocks_bad, n) / C(blocks, n) <= 1 - confidence.  Then
/// bad_blocks_bound(blocks, n, 0, confidence) is below blocks_bad.
/// REQUIRES: 1 <= blocks_bad <= blocks <= kBoundBlocksMax, 0 < confidence < 1.
/// Cost: a logarithm for each sample; nothing when it takes more than `samples_max`.
std::optional<std::uint64_t> samples_to_detect(std::uint64_t blocks, std::uint64_t blocks_bad, double confidence,
                                               std::uint64_t samples_max);

}  // namespace inxt::proof
