// SPDX-License-Identifier: AGPL-3.0-or-later
// The Markov chain of one segment, for losses that are too rare to be seen.  Manual: inxt-durability(7),
// "Chain".
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "plan/placement_layout.h"

namespace inxt::durability {

inline constexpr std::size_t kSpareMax = 15;  // of a layout that the chain is made for

/// Rates a year, and what a simulation has counted to find them.
struct ChainCounts {
  double piece_years = 0;  // of pieces that are there
  std::uint64_t deaths = 0;
  double unnoticed_years = 0;  // of pieces that are gone, and the Bridge does not know
  std::uint64_t noticed = 0;
  /// Of segments with d pieces that are known to be gone and u that are not noticed: [d][u].
  std::array<std::array<double, kSpareMax + 1>, kSpareMax + 1> years{};
  std::array<std::array<std::uint64_t, kSpareMax + 1>, kSpareMax + 1> repairs{};
  /// Deaths in each time as long as the Bridge's grace, and of how many Hosts; without domains that are lost.
  std::vector<std::uint64_t> deaths_in, hosts_in;

  double deaths_a_year() const { return static_cast<double>(deaths) / piece_years; }
};

/// How probably a segment is lost in a year.  A segment has u pieces that are gone and not noticed, d that
/// are known to be; each of the others goes at the rate of deaths that are no blow's, each unnoticed one is
/// noticed at its rate, and a repair makes all d at the rate at which segments with as many of both were
/// repaired.  Where fewer than 20 repairs were seen of these, and one is due, the rate is that of all due
/// ones that lack as many together, or one less, and so on; where none is due, that of all with as many d. It
/// is lost when u + d is more than is spare.
double loss_a_year(const plan::PlacedLayout& layout, const ChainCounts& counts);

/// What comes to it because many Hosts go at once: each time as long as the grace in which more than three
/// times as many Hosts went as on an average, and more than chance explains, is taken for one blow that takes
/// each piece with the same probability, by the deaths that are more than in other such times.  Also how many
/// there were, and the largest one's part of the pieces.
struct Blows {
  double loss_a_year = 0;
  std::uint32_t number = 0;
  double largest = 0;
};
Blows blows_a_year(const plan::PlacedLayout& layout, const ChainCounts& counts, double years);

/// From `low` to `high` with 95 % confidence, for a count that is Poisson's.
struct Interval {
  double low = 0, high = 0;
};
Interval poisson_interval(std::uint64_t count);

}  // namespace inxt::durability
