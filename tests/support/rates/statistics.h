// SPDX-License-Identifier: AGPL-3.0-or-later
// What a measured rate is held against.
#pragma once

#include <cmath>
#include <cstdint>

namespace inxt::rates {

inline double log_choose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

/// That n of B blocks, drawn without replacement, meet one of d bad ones.
inline double found_without_replacement(std::uint64_t blocks, std::uint64_t bad, std::uint64_t samples) {
  if (bad + samples > blocks) return 1;
  return 1 - std::exp(log_choose(double(blocks - bad), double(samples)) -
                      log_choose(double(blocks), double(samples)));
}
/// The same with replacement.
inline double found_with_replacement(std::uint64_t blocks, std::uint64_t bad, std::uint64_t samples) {
  return 1 - std::pow(1 - double(bad) / double(blocks), double(samples));
}

/// The probability of at most `hits` (upper = false) or at least `hits` in `runs` with probability p each:
/// exact binomial.
inline double tail(std::uint64_t runs, std::uint64_t hits, double p, bool upper) {
  if (p <= 0) return upper ? (hits == 0 ? 1 : 0) : 1;
  if (p >= 1) return upper ? 1 : (hits == runs ? 1 : 0);
  double sum = 0;
  const std::uint64_t first = upper ? hits : 0, last = upper ? runs : hits;
  for (std::uint64_t k = first; k <= last; ++k)
    sum += std::exp(log_choose(double(runs), double(k)) + double(k) * std::log(p) +
                    double(runs - k) * std::log1p(-p));
  return sum;
}

/// Whether such a number of hits is believable.  A true model is called false once in 500,000 tests.
inline constexpr double kTailMin = 1e-6;
inline bool is_believable(std::uint64_t runs, std::uint64_t hits, double p) {
  return tail(runs, hits, p, false) >= kTailMin && tail(runs, hits, p, true) >= kTailMin;
}

/// The interval of probabilities p under which `hits` of `runs` is no surprise at a two-sided `level` (0.01:
/// 99 % confidence): Clopper and Pearson's, by bisection.
inline double bound_of(std::uint64_t runs, std::uint64_t hits, double level, bool upper) {
  if (upper ? hits == runs : hits == 0) return upper ? 1 : 0;
  double low = 0, high = 1;
  for (int i = 0; i < 60; ++i) {
    const double p = (low + high) / 2;
    const bool is_past = tail(runs, hits, p, !upper) < level / 2;
    ((upper ? is_past : !is_past) ? high : low) = p;
  }
  return (low + high) / 2;
}

}  // namespace inxt::rates
