// SPDX-License-Identifier: LGPL-3.0-or-later
// How much may be bad over several Hosts together, each sampled on its own.  Source: W. Hoeffding, On the
// distribution of the number of successes in independent trials, Annals of Mathematical Statistics 27 (1956),
// theorem 4.
#pragma once

#include <span>

#include "proof/verdict.h"

namespace inxt::proof {

/// One Host's part.  An unanswered sample counts as a failure, as in bad_blocks_bound.
struct Stratum {
  std::uint64_t blocks = 0;
  std::uint64_t samples = 0;
  std::uint64_t failures = 0;
};

/// A number of bad blocks over all strata that is not passed with this confidence, however they are spread.
///
/// A stratum of which every block was asked counts exactly, and one that was sampled alone by
/// bad_blocks_bound.  The bad samples of several are a sum of independent draws, which is bounded by a
/// binomial with the same mean (Hoeffding), and the spread that a given mean allows is the worst one: a little
/// too large, never too small.
/// REQUIRES: as bad_blocks_bound of each; not empty; the blocks of all are below 2^64 (of 16 million Hosts, whatever
/// each of them says that it holds).
/// Cost: a logarithm for each failure; sorts the strata.
Bound bad_blocks_bound_of_all(std::span<const Stratum> strata, double confidence);

}  // namespace inxt::proof
