// SPDX-License-Identifier: LGPL-3.0-or-later
#include "proof/total_bound.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace inxt::proof {
namespace {

Bound of_all(std::vector<Stratum> strata, double confidence = 0.99) {
  return bad_blocks_bound_of_all(strata, confidence);
}

TEST_CASE("one Host alone has its own bound") {
  for (const auto& [blocks, samples, failures] :
       {Stratum{1'000'000, 460, 0}, Stratum{1'000'000, 460, 3}, Stratum{500, 460, 0}, Stratum{4, 4, 0}, Stratum{4, 4, 2}}) {
    const auto alone = bad_blocks_bound(blocks, samples, failures, 0.99);
    const auto all = of_all({{blocks, samples, failures}});
    CHECK(all.blocks_bad_max == alone.blocks_bad_max);
    CHECK(all.fraction == alone.fraction);
  }
}

TEST_CASE("where every block was asked the count is exact") {
  CHECK(of_all({{4, 4, 0}, {7, 7, 0}}).blocks_bad_max == 0);
  CHECK(of_all({{4, 4, 1}, {7, 7, 2}}).blocks_bad_max == 3);
  // What was asked in full adds nothing to what was sampled.
  CHECK(of_all({{4, 4, 0}, {1'000'000, 460, 0}}).blocks_bad_max == bad_blocks_bound(1'000'000, 460, 0, 0.99).blocks_bad_max);
}

TEST_CASE("six equal Hosts are as good as one with six times the samples") {
  const auto all = of_all(std::vector<Stratum>(6, {100'000'000, 460, 0}));
  CHECK(all.fraction == doctest::Approx(1 - std::pow(0.01, 1.0 / 2760)).epsilon(1e-6));  // 0.1667 %
  CHECK(all.fraction < 0.0017);
}

TEST_CASE("a Host that is sampled less decides") {
  // All of the damage may be there: 460 samples of 10^9 blocks, whatever the small Hosts showed.
  const auto all = of_all({{1'000'000'000, 460, 0}, {1000, 460, 0}, {1000, 460, 0}});
  const auto alone = bad_blocks_bound(1'000'000'000, 460, 0, 0.99);
  CHECK(all.blocks_bad_max >= alone.blocks_bad_max * 99 / 100);
  CHECK(all.blocks_bad_max <= alone.blocks_bad_max * 102 / 100);
}

TEST_CASE("nothing that was seen held is called bad") {
  const auto silent = of_all({{1000, 460, 460}, {1000, 460, 0}});
  CHECK(silent.blocks_bad_max >= 1000);
  CHECK(silent.blocks_bad_max <= 2000 - 460);
  CHECK(of_all({{1000, 460, 460}, {1000, 460, 460}}).blocks_bad_max == 2000);
  // More failures never make it smaller.
  std::uint64_t before = 0;
  for (std::uint64_t failures = 0; failures <= 400; failures += 25) {
    const auto bad = of_all({{10000, 400, failures}, {5000, 400, 0}}).blocks_bad_max;
    CHECK(bad >= before);
    before = bad;
  }
}

TEST_CASE("Hosts may say that they hold anything") {
  // A head has up to 2^40 - 1 blocks, by its Host's word, and a transcript any number of Hosts that were silent.
  const std::uint64_t most = kBoundBlocksMax - 1;
  const auto both = of_all({{most, 460, 0}, {most, 460, 0}});
  CHECK(both.fraction > 0.0049);
  CHECK(both.fraction < 0.0101);
  std::vector<Stratum> silent(1000, {most, 65536, 65536});
  CHECK(of_all(silent).fraction == 1);
  silent.push_back({1'000'000, 460, 0});
  CHECK(of_all(silent).fraction > 0.99);
}

TEST_CASE("the bound is passed no more often than it says") {
  // Damage spread evenly, and all on one Host; confidence 90 %, 2,000 audits each.
  std::mt19937_64 random(7);
  for (const auto& bad : {std::array<unsigned, 3>{6, 20, 60}, {0, 0, 300}, {86, 0, 0}, {0, 1, 0}}) {
    const std::array<std::uint64_t, 3> blocks{100, 400, 1200};
    unsigned passed = 0;
    for (int run = 0; run < 2000; ++run) {
      std::vector<Stratum> strata;
      for (std::size_t h = 0; h < 3; ++h) {
        std::uint64_t left = blocks[h], left_bad = bad[h], found = 0;
        for (int i = 0; i < 40; ++i, --left)
          if (random() % left < left_bad) ++found, --left_bad;
        strata.push_back({blocks[h], 40, found});
      }
      if (of_all(strata, 0.9).blocks_bad_max < bad[0] + bad[1] + bad[2]) ++passed;
    }
    CHECK(passed <= 230);  // 200 expected at most, 13 standard deviation
  }
}

}  // namespace
}  // namespace inxt::proof
