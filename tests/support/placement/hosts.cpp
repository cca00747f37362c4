// SPDX-License-Identifier: AGPL-3.0-or-later
#include "placement/hosts.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace inxt::placement {
namespace {

constexpr std::uint64_t kTiB = std::uint64_t{1} << 40;
constexpr std::uint32_t kDomainsPer10000 = 150, kProvidersPer10000 = 400;

}  // namespace

HostMaker::HostMaker(std::uint64_t seed, std::uint32_t hosts)
    : random_(seed), largest_operator_(std::max<std::uint32_t>(2, hosts / 40)) {
  region_of_domain_.resize(std::max<std::uint32_t>(8, hosts * kDomainsPer10000 / 10'000));
  region_of_provider_.resize(std::max<std::uint32_t>(8, hosts * kProvidersPer10000 / 10'000));
  for (auto& each : region_of_domain_) each = region();
  for (auto& each : region_of_provider_) each = region();
  hosts_in_domain_.resize(region_of_domain_.size());
}

double HostMaker::uniform() {
  return static_cast<double>(random_() >> 11) * 0x1p-53;
}

double HostMaker::normal() {  // near enough, and the same with every library
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += uniform();
  return sum;
}

std::uint32_t HostMaker::below(std::uint32_t bound) {
  return static_cast<std::uint32_t>(random_() % bound);
}

std::uint32_t HostMaker::region() {
  static constexpr std::array kPartsEnd{30, 50, 65, 76, 84, 91, 96, 100};
  const auto at = static_cast<int>(below(100));
  return 1 + static_cast<std::uint32_t>(std::ranges::upper_bound(kPartsEnd, at) - kPartsEnd.begin());
}

void HostMaker::place_alone(plan::Candidate& candidate) {
  const std::uint32_t provider = below(static_cast<std::uint32_t>(region_of_provider_.size()));
  candidate.region = region_of_provider_[provider];
  candidate.wide_network = 1 + provider;
  candidate.network = candidate.wide_network << 8 | below(256);
}

void HostMaker::place_with_operator(plan::Candidate& candidate) {
  if (operator_.hosts_left == 0) {
    operator_.number = ++operators_;
    operator_.hosts_left = static_cast<std::uint32_t>(
        std::clamp(2 / (1 - uniform()), 2.0, static_cast<double>(largest_operator_)));
    operator_.domains.clear();
    for (std::uint32_t i = 0; i <= operator_.hosts_left / 40; ++i)
      operator_.domains.push_back(below(static_cast<std::uint32_t>(region_of_domain_.size())));
  }
  --operator_.hosts_left;
  const std::uint32_t domain = operator_.domains[below(static_cast<std::uint32_t>(operator_.domains.size()))];
  candidate.operator_group = operator_.number;
  candidate.domain = 1 + domain;
  candidate.region = region_of_domain_[domain];
  // Two data centres have one /16; their racks of 16 have a /24.
  candidate.wide_network = 100'000 + domain / 2;
  candidate.network = candidate.wide_network << 24 | (domain % 2) << 23 | hosts_in_domain_[domain]++ / 16;
}

plan::Candidate HostMaker::make() {
  plan::Candidate candidate;
  if (below(100) < 55) {
    place_alone(candidate);
  } else {
    place_with_operator(candidate);
  }
  candidate.capacity_bytes = static_cast<std::uint64_t>(static_cast<double>(kTiB) * std::exp(normal()));
  candidate.free_bytes = candidate.capacity_bytes;
  candidate.up_bytes_per_s = static_cast<std::uint64_t>(4e6 * std::exp(normal()));
  candidate.down_bytes_per_s = 3 * candidate.up_bytes_per_s;
  candidate.rtt_ms = 15 + 25 * candidate.region + below(30);
  candidate.uptime_ppm = plan::kMillion - below(30'000);
  candidate.standing_ppm = plan::kMillion - below(50'000);
  candidate.takes_pieces = true;
  return candidate;
}

}  // namespace inxt::placement
