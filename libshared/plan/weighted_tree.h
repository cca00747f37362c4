// SPDX-License-Identifier: LGPL-3.0-or-later
// Numbers with weights, of which one is drawn in proportion: a Fenwick tree.  Integers only, so that every
// machine finds the same.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"

namespace inxt::plan {

class WeightedTree {
 public:
  std::size_t size() const { return weights_.size(); }
  std::uint64_t total() const { return total_; }
  std::uint64_t weight(std::size_t index) const { return weights_[index]; }

  /// Cost: log n.
  void push_back(std::uint64_t weight) {
    weights_.push_back(weight);
    const std::size_t at = weights_.size();
    sums_.push_back(weight + before(at - 1) - before(at - (at & -at)));
    total_ += weight;
  }

  /// Cost: log n.
  void set(std::size_t index, std::uint64_t weight) {
    const std::uint64_t change = weight - weights_[index];  // modulo 2^64, as the sums are
    if (change == 0) return;
    weights_[index] = weight;
    total_ += change;
    for (std::size_t at = index + 1; at <= weights_.size(); at += at & -at) sums_[at - 1] += change;
  }

  /// The sum of the first `count` weights.  Cost: log n.
  std::uint64_t before(std::size_t count) const {
    std::uint64_t sum = 0;
    for (; count > 0; count -= count & -count) sum += sums_[count - 1];
    return sum;
  }

  /// The index whose weight `value` falls in, when all lie one after another.  Cost: log n.
  /// REQUIRES: value < total().
  std::size_t find(std::uint64_t value) const {
    CHECK_BUG(value < total_);
    std::size_t at = 0;
    for (std::size_t step = std::bit_floor(weights_.size()); step > 0; step /= 2) {
      if (at + step > weights_.size() || sums_[at + step - 1] > value) continue;
      at += step;
      value -= sums_[at - 1];
    }
    return at;
  }

 private:
  std::vector<std::uint64_t> weights_;
  std::vector<std::uint64_t> sums_;  // sums_[i - 1]: of the i & -i weights that end with number i - 1
  std::uint64_t total_ = 0;
};

}  // namespace inxt::plan
