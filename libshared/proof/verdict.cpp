// SPDX-License-Identifier: LGPL-3.0-or-later
#include "proof/verdict.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace inxt::proof {
namespace {

// log of (a / b) for whole numbers that doubles hold exactly, also where a / b is within 2^-40 of 1.
double log_ratio(std::uint64_t a, std::uint64_t b) {
  if (a >= b / 2)
    return std::log1p((static_cast<double>(a) - static_cast<double>(b)) / static_cast<double>(b));
  return std::log(static_cast<double>(a) / static_cast<double>(b));
}

// log P(exactly x of n samples are bad), when d of b blocks are.  REQUIRES: x <= d, n - x <= b - d.
// C(n,x) * d(d-1)..(d-x+1) * (b-d)..(b-d-(n-x)+1) / b(b-1)..(b-n+1), factor by factor: nothing over- or
// underflows.
double log_probability(std::uint64_t b, std::uint64_t n, std::uint64_t d, std::uint64_t x) {
  double sum = 0;
  for (std::uint64_t i = 0; i < x; ++i) sum += log_ratio(n - i, i + 1) + log_ratio(d - i, b - i);
  for (std::uint64_t i = 0; i < n - x; ++i) sum += log_ratio(b - d - i, b - x - i);
  return sum;
}

// log P(at most f of n samples are bad), when d of b blocks are.
double log_at_most(std::uint64_t b, std::uint64_t n, std::uint64_t f, std::uint64_t d) {
  if (f >= std::min(n, d)) return 0;
  const std::uint64_t good = b - d;
  const std::uint64_t fewest = n > good ? n - good : 0;  // bad samples, as the good blocks run out
  if (fewest > f) return -HUGE_VAL;
  // From x = f downwards by the ratio of neighbours, relative to the term at f, which is the largest where it
  // matters: the bound lies where f is below the mean.
  double total = 1, term = 1;
  for (std::uint64_t x = f; x > fewest; --x) {
    term *= static_cast<double>(x) / static_cast<double>(d - x + 1) * static_cast<double>(good - n + x) /
            static_cast<double>(n - x + 1);
    total += term;
    if (term < total * 1e-18 || !std::isfinite(total)) break;
  }
  return std::min(0.0, log_probability(b, n, d, f) + std::log(total));
}

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::held:
      return "held";
    case Outcome::missing:
      return "missing";
    case Outcome::malformed:
      return "malformed";
    case Outcome::other_block:
      return "other_block";
    case Outcome::wrong_size:
      return "wrong_size";
    case Outcome::wrong_length:
      return "wrong_length";
    case Outcome::wrong_path:
      return "wrong_path";
    case Outcome::wrong_data:
      return "wrong_data";
    case Outcome::bad_inclusion:
      return "bad_inclusion";
    case Outcome::bad_release:
      return "bad_release";
    case Outcome::released:
      return "released";
  }
  check_failed("outcome is one of the enum", __FILE__, __LINE__);
}

Outcome verify(const PieceId& piece, std::uint64_t size_bytes, std::uint64_t block, const Proof& proof) {
  CHECK_BUG(size_bytes > 0 && size_bytes <= kPieceBytesMax && block < blocks_in(size_bytes));
  if (proof.piece != piece || proof.block != block) return Outcome::other_block;
  if (proof.missing) return Outcome::missing;
  if (proof.size_bytes != size_bytes) return Outcome::wrong_size;
  if (proof.data.size() != block_bytes(size_bytes, block)) return Outcome::wrong_length;
  const auto head = head_from_path(leaf_hash(proof.data), block, blocks_in(size_bytes), proof.path);
  if (!head) return Outcome::wrong_path;
  return piece_id(size_bytes, *head) == piece ? Outcome::held : Outcome::wrong_data;
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "failed";
    case Verdict::unreachable:
      return "unreachable";
    case Verdict::late:
      return "late";
    case Verdict::unanchored:
      return "unanchored";
  }
  check_failed("verdict is one of the enum", __FILE__, __LINE__);
}

Verdict verdict_of(const Tally& tally) {
  if (tally.failed > 0) return Verdict::failed;
  if (tally.unanswered > 0) return Verdict::unreachable;
  if (tally.late > 0) return Verdict::late;
  return tally.unanchored > 0 ? Verdict::unanchored : Verdict::passed;
}

Bound bad_blocks_bound(std::uint64_t blocks, std::uint64_t samples, std::uint64_t failures,
                       double confidence) {
  CHECK_BUG(failures <= samples && samples <= blocks && blocks >= 1 && blocks <= kBoundBlocksMax);
  CHECK_BUG(confidence > 0 && confidence < 1);
  // A hair below, so that rounding can only make the bound larger.
  const double threshold = std::log1p(-confidence) - 1e-9;
  // P falls as d grows: 1 at d = failures; beyond blocks - (samples - failures) it is 0, as that many were
  // seen held.
  std::uint64_t consistent = failures, beyond = blocks - (samples - failures) + 1;
  while (beyond - consistent > 1) {
    const std::uint64_t middle = consistent + (beyond - consistent) / 2;
    (log_at_most(blocks, samples, failures, middle) >= threshold ? consistent : beyond) = middle;
  }
  return {consistent, static_cast<double>(consistent) / static_cast<double>(blocks)};
}

std::optional<std::uint64_t> samples_to_detect(std::uint64_t blocks, std::uint64_t blocks_bad, double confidence,
                                               std::uint64_t samples_max) {
  CHECK_BUG(blocks_bad >= 1 && blocks_bad <= blocks && blocks <= kBoundBlocksMax);
  CHECK_BUG(confidence > 0 && confidence < 1);
  // A hair below that of bad_blocks_bound, so that rounding can only ask for more.
  const double threshold = std::log1p(-confidence) - 2e-9;
  const std::uint64_t good = blocks - blocks_bad;
  double log_none_bad = 0;
  for (std::uint64_t n = 1; n <= samples_max; ++n) {
    if (n > good) return n;  // the good blocks run out
    log_none_bad += log_ratio(good - (n - 1), blocks - (n - 1));
    if (log_none_bad <= threshold) return n;
  }
  return std::nullopt;
}

}  // namespace inxt::proof
