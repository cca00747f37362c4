// SPDX-License-Identifier: AGPL-3.0-or-later
// Made-up Hosts for the simulation of placement: sizes, operators, places, from one seed.
#pragma once

#include <random>
#include <vector>

#include "plan/placement_pool.h"

namespace inxt::placement {

/// Sizes are log-normal: a median of 1 TiB, sigma 1.  55 of 100 Hosts stand alone, in the networks of 400
/// providers; the others belong to operators with 2 to 250 Hosts (Pareto), who have them in 150 data centres.
/// There are 8 regions, the largest with 3 of 10 Hosts.
class HostMaker {
 public:
  HostMaker(std::uint64_t seed, std::uint32_t hosts);

  /// The next Host: new, empty.
  plan::Candidate make();

 private:
  struct Operator {
    std::uint32_t number = 0;
    std::uint32_t hosts_left = 0;
    std::vector<std::uint32_t> domains;
  };
  double uniform();  // [0, 1)
  double normal();
  std::uint32_t below(std::uint32_t bound);
  std::uint32_t region();
  void place_alone(plan::Candidate& candidate);
  void place_with_operator(plan::Candidate& candidate);

  std::mt19937_64 random_;
  std::uint32_t largest_operator_;
  std::vector<std::uint32_t> region_of_domain_, region_of_provider_;
  std::vector<std::uint32_t> hosts_in_domain_;
  Operator operator_;
  std::uint32_t operators_ = 0;
};

}  // namespace inxt::placement
