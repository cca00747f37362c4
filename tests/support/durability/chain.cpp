// SPDX-License-Identifier: AGPL-3.0-or-later
#include "durability/chain.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"
#include "plan/repair_margin.h"

namespace inxt::durability {
namespace {

constexpr std::uint64_t kRepairsSeenMin = 20;

/// Mean time until absorption from state 0.  States are taken out one after the other; nothing is ever
/// subtracted, so rates of any size keep their digits (as Grassmann, Taksar and Heyman do for stationary
/// probabilities).
double mean_time(std::vector<std::vector<double>> rates, std::vector<double> absorbed) {
  const std::size_t states = absorbed.size();
  std::vector<double> time(states, 1);  // spent per leaving rate
  for (std::size_t k = states - 1; k > 0; --k) {
    double out = absorbed[k];
    for (std::size_t j = 0; j < k; ++j) out += rates[k][j];
    if (out <= 0) continue;  // cannot be reached
    for (std::size_t i = 0; i < k; ++i) {
      const double part = rates[i][k] / out;
      if (part == 0) continue;
      for (std::size_t j = 0; j < k; ++j)
        if (j != i) rates[i][j] += part * rates[k][j];
      absorbed[i] += part * absorbed[k];
      time[i] += part * time[k];
    }
  }
  return time[0] / absorbed[0];
}

/// Times as long as the grace, and the deaths in each blow that are more than usual: those are no part of the
/// chain.
struct Windows {
  std::vector<double> blows;
  double in_blows = 0;
};

Windows windows_of(const ChainCounts& counts) {
  Windows windows;
  const std::size_t number = counts.hosts_in.size();
  double mean = 0;  // Hosts
  for (const std::uint64_t hosts : counts.hosts_in)
    mean += static_cast<double>(hosts) / static_cast<double>(number);
  const double hosts_max = std::max(3 * mean, mean + 5 * std::sqrt(mean) + 5);
  double usual = 0, quiet = 0;
  for (std::size_t i = 0; i < number; ++i) {
    if (static_cast<double>(counts.hosts_in[i]) > hosts_max) continue;
    usual += static_cast<double>(counts.deaths_in[i]);
    ++quiet;
  }
  if (quiet > 0) usual /= quiet;
  for (std::size_t i = 0; i < number; ++i) {
    if (static_cast<double>(counts.hosts_in[i]) <= hosts_max) continue;
    windows.blows.push_back(std::max(static_cast<double>(counts.deaths_in[i]) - usual, 0.0));
    windows.in_blows += windows.blows.back();
  }
  return windows;
}

}  // namespace

double loss_a_year(const plan::PlacedLayout& layout, const ChainCounts& counts) {
  const std::uint32_t spare = layout.spare();
  CHECK_BUG(spare <= kSpareMax);
  const double dies = (static_cast<double>(counts.deaths) - windows_of(counts).in_blows) / counts.piece_years;
  const double notices = static_cast<double>(counts.noticed) / counts.unnoticed_years;
  const auto due_from =
      static_cast<std::uint32_t>(static_cast<std::int32_t>(spare) - plan::repair_margin(layout));
  const auto repair_rate = [&](std::uint32_t of_d, std::uint32_t of_u) {
    const auto rate_of = [&](auto counts_in) {
      double years = 0;
      std::uint64_t repairs = 0;
      for (std::uint32_t d = 1; d <= spare; ++d)
        for (std::uint32_t u = 0; d + u <= spare; ++u)
          if (counts_in(d, u)) years += counts.years[d][u], repairs += counts.repairs[d][u];
      return repairs < kRepairsSeenMin ? -1 : static_cast<double>(repairs) / years;
    };
    double rate = rate_of([&](std::uint32_t d, std::uint32_t u) { return d == of_d && u == of_u; });
    if (of_d < due_from) {
      if (rate < 0) rate = rate_of([&](std::uint32_t d, std::uint32_t) { return d == of_d; });
      return std::max(rate, 0.0);
    }
    for (std::uint32_t lacks = of_d + of_u; rate < 0 && lacks > 0; --lacks)
      rate = rate_of([&](std::uint32_t d, std::uint32_t u) { return d >= due_from && d + u == lacks; });
    if (rate < 0) rate = rate_of([&](std::uint32_t d, std::uint32_t) { return d >= due_from; });
    return rate;
  };
  if (dies <= 0 || repair_rate(due_from, 0) <= 0) return std::nan("");

  const auto state = [spare](std::uint32_t d, std::uint32_t u) {
    std::size_t before = 0;
    for (std::uint32_t i = 0; i < d; ++i) before += spare + 1 - i;
    return before + u;
  };
  const std::size_t states = state(spare, 0) + 1;
  std::vector<std::vector<double>> rates(states, std::vector<double>(states));
  std::vector<double> absorbed(states);
  for (std::uint32_t d = 0; d <= spare; ++d) {
    for (std::uint32_t u = 0; d + u <= spare; ++u) {
      const double death = dies * (layout.hosts() - d - u);
      if (d + u == spare) {
        absorbed[state(d, u)] += death;
      } else {
        rates[state(d, u)][state(d, u + 1)] += death;
      }
      if (u > 0) rates[state(d, u)][state(d + 1, u - 1)] += u * notices;
      if (d > 0) rates[state(d, u)][state(0, u)] += repair_rate(d, u);
    }
  }
  return -std::expm1(-1 / mean_time(std::move(rates), std::move(absorbed)));
}

Blows blows_a_year(const plan::PlacedLayout& layout, const ChainCounts& counts, double years) {
  Blows blows;
  const std::uint32_t spare = layout.spare();
  double segment_years = 0;
  for (const auto& row : counts.years)
    for (const double each : row) segment_years += each;
  const double pieces = counts.piece_years / years;
  for (const double deaths : windows_of(counts).blows) {
    const double q = std::min(0.999, deaths / pieces);
    ++blows.number;
    blows.largest = std::max(blows.largest, q);
    double lost = 0;
    for (std::uint32_t d = 0; d <= spare; ++d)
      for (std::uint32_t u = 0; d + u <= spare; ++u) {
        const double n = layout.hosts() - d - u;
        double lost_here = 0;
        for (double j = spare + 1 - d - u; j <= n; ++j)
          lost_here += std::exp(std::lgamma(n + 1) - std::lgamma(j + 1) - std::lgamma(n - j + 1) +
                                j * std::log(q) + (n - j) * std::log1p(-q));
        lost += lost_here * counts.years[d][u] / segment_years;
      }
    blows.loss_a_year += lost / years;
  }
  return blows;
}

Interval poisson_interval(std::uint64_t count) {
  // The quantiles of chi-squared by Wilson and Hilferty; good to a hundredth from a count of 1 on.
  const auto quantile = [](double shape, double z) {
    const double root = 1 - 1 / (9 * shape) + z / (3 * std::sqrt(shape));
    return shape * root * root * root;
  };
  const auto n = static_cast<double>(count);
  return {.low = count == 0 ? 0 : quantile(n, -1.96), .high = count == 0 ? 3.689 : quantile(n + 1, 1.96)};
}

}  // namespace inxt::durability
