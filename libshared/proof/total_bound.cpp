// SPDX-License-Identifier: LGPL-3.0-or-later
#include "proof/total_bound.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"

namespace inxt::proof {
namespace {

// log C(n, t).
double log_choices(std::uint64_t n, std::uint64_t t) {
  double sum = 0;
  for (std::uint64_t x = 1; x <= t; ++x)
    sum += std::log(static_cast<double>(n - x + 1) / static_cast<double>(x));
  return sum;
}

// log P(Binomial(n, mean / n) <= t).  REQUIRES: t < mean < n; choices = log_choices(n, t).
double log_binomial_at_most(std::uint64_t n, double mean, std::uint64_t t, double choices) {
  const double trials = static_cast<double>(n), odds = mean / (trials - mean);
  // The term at t, and those below it by the ratio of neighbours.
  const double log_term =
      trials * std::log1p(-mean / trials) + choices + static_cast<double>(t) * std::log(odds);
  double total = 1, term = 1;
  for (std::uint64_t x = t; x > 0; --x) {
    term *= static_cast<double>(x) / static_cast<double>(n - x + 1) / odds;
    total += term;
    if (term < total * 1e-18) break;
  }
  return log_term + std::log(total);
}

// The largest mean number of bad samples that is consistent with t of n.
double mean_max(std::uint64_t n, std::uint64_t t, double confidence) {
  const double threshold = std::log1p(-confidence) - 1e-9;
  // Hoeffding's bound holds for means from t + 1 on.
  double consistent = static_cast<double>(t) + 1, beyond = static_cast<double>(n);
  if (consistent >= beyond) return beyond;
  const double choices = log_choices(n, t);
  if (log_binomial_at_most(n, consistent, t, choices) < threshold) return consistent;
  for (int i = 0; i < 60; ++i) {
    const double middle = consistent + (beyond - consistent) / 2;
    if (middle >= static_cast<double>(n)) break;
    (log_binomial_at_most(n, middle, t, choices) >= threshold ? consistent : beyond) = middle;
  }
  return beyond;
}

}  // namespace

Bound bad_blocks_bound_of_all(std::span<const Stratum> strata, double confidence) {
  CHECK_BUG(!strata.empty() && confidence > 0 && confidence < 1);
  std::uint64_t blocks = 0, bad = 0, samples = 0, failures = 0;
  std::vector<Stratum> sampled;
  for (const auto& stratum : strata) {
    CHECK_BUG(stratum.failures <= stratum.samples && stratum.samples <= stratum.blocks && stratum.samples >= 1);
    blocks += stratum.blocks;
    if (stratum.samples == stratum.blocks) {
      bad += stratum.failures;
      continue;
    }
    samples += stratum.samples;
    failures += stratum.failures;
    sampled.push_back(stratum);
  }
  if (sampled.size() == 1) {
    bad += bad_blocks_bound(sampled[0].blocks, sampled[0].samples, sampled[0].failures, confidence).blocks_bad_max;
  } else if (!sampled.empty()) {
    // Most bad blocks for the mean: where a block is asked for least often.
    std::ranges::sort(sampled, [](const Stratum& a, const Stratum& b) {
      return static_cast<double>(a.samples) / static_cast<double>(a.blocks) <
             static_cast<double>(b.samples) / static_cast<double>(b.blocks);
    });
    double mean = mean_max(samples, failures, confidence);
    for (const auto& stratum : sampled) {
      const double rate = static_cast<double>(stratum.samples) / static_cast<double>(stratum.blocks);
      const std::uint64_t most = stratum.blocks - (stratum.samples - stratum.failures);
      if (mean >= rate * static_cast<double>(most)) {
        bad += most;
        mean -= rate * static_cast<double>(most);
      } else {
        bad += static_cast<std::uint64_t>(mean / rate);
        break;
      }
    }
  }
  return {bad, static_cast<double>(bad) / static_cast<double>(blocks)};
}

}  // namespace inxt::proof
