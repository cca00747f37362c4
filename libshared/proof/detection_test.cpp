// SPDX-License-Identifier: AGPL-3.0-or-later
// What an audit promises, held against what it does: how often damage is found, and how often the bound
// covers it.
#include <doctest/doctest.h>

#include <cmath>
#include <unordered_set>

#include "crypto/random.h"
#include "proof/challenge.h"
#include "proof/verdict.h"

using namespace inxt;
using namespace inxt::proof;

namespace {

/// P(none of n samples is bad), d of b blocks being so.
double missed(std::uint64_t b, std::uint64_t d, std::uint64_t n) {
  double log_none = 0;
  for (std::uint64_t i = 0; i < n; ++i)
    log_none += std::log1p(-static_cast<double>(d) / static_cast<double>(b - i));
  return std::exp(log_none);
}

/// How far a rate over so many trials may be from p, in earnest once in 16,000 times (four standard
/// deviations, and a trial for what is not normal about it).
double slack(double p, double trials) {
  return 4 * std::sqrt(p * (1 - p) / trials) + 1.0 / trials;
}

AuditSet set_of(std::size_t pieces, std::uint64_t size_bytes) {
  std::vector<SetPiece> all(pieces);
  for (std::size_t i = 0; i < pieces; ++i) {
    crypto::SeededRandom(i).fill(all[i].id.bytes);
    all[i].size_bytes = size_bytes;
  }
  return AuditSet::make(std::move(all)).value();
}

/// The numbers of the blocks that a beacon asks for.
std::vector<std::uint64_t> asked_by(unsigned seed, const AuditSet& set, std::uint64_t blocks_of_piece,
                                    std::uint64_t samples) {
  Beacon beacon;
  crypto::SeededRandom(1'000'000 + seed).fill(beacon);
  HostId host;
  host.bytes.fill(std::byte{1});
  const auto challenge = derive_challenge(beacon, host, set, samples);
  std::vector<std::uint64_t> numbers;
  for (const auto& sample : challenge->samples)
    numbers.push_back(sample.piece * blocks_of_piece + sample.block);
  return numbers;
}

/// d of b blocks, another choice for each seed.
std::unordered_set<std::uint64_t> damage(unsigned seed, std::uint64_t d, std::uint64_t b) {
  crypto::SeededRandom random(2'000'000 + seed);
  std::unordered_set<std::uint64_t> out;
  while (out.size() < d) {
    std::uint64_t draw = 0;
    for (const auto byte : random.bytes<8>()) draw = draw << 8 | std::to_integer<std::uint64_t>(byte);
    out.insert(draw % b);
  }
  return out;
}

}  // namespace

TEST_CASE("damage is found as often as is computed, and the bound covers it as often as it says") {
  constexpr std::uint64_t kBlocks = 20'000, kBlocksOfPiece = 8;
  constexpr unsigned kSeeds = 3000;
  constexpr double kConfidence = 0.95;
  const auto set = set_of(kBlocks / kBlocksOfPiece, kBlocksOfPiece * kBlockBytes);
  REQUIRE(set.blocks() == kBlocks);
  for (const std::uint64_t d : {20, 200, 1000}) {  // 0.1 %, 1 %, 5 %
    for (const std::uint64_t samples : {60, 460}) {
      CAPTURE(d);
      CAPTURE(samples);
      unsigned found = 0, covered = 0;
      std::uint64_t bad_in_all = 0;
      for (unsigned seed = 0; seed < kSeeds; ++seed) {
        const auto bad = damage(seed, d, kBlocks);
        std::uint64_t failures = 0;
        for (const auto number : asked_by(seed, set, kBlocksOfPiece, samples))
          failures += bad.contains(number);
        found += failures > 0;
        bad_in_all += failures;
        // Every tenth: a bound takes as long as many draws.
        if (seed % 10 == 0)
          covered += bad_blocks_bound(kBlocks, samples, failures, kConfidence).blocks_bad_max >= d;
      }
      const double computed = 1 - missed(kBlocks, d, samples);
      const double measured = static_cast<double>(found) / kSeeds;
      MESSAGE("damage " << d << " of " << kBlocks << ", " << samples << " samples: computed " << computed
                        << ", measured " << measured);
      CHECK(std::abs(measured - computed) <= slack(computed, kSeeds));
      // The draws favour no block: as many bad ones as their part.
      const double part = static_cast<double>(d) / kBlocks;
      CHECK(std::abs(static_cast<double>(bad_in_all) / static_cast<double>(kSeeds * samples) - part) <=
            slack(part, static_cast<double>(kSeeds * samples)));
      CHECK(covered >= (kConfidence - slack(kConfidence, kSeeds / 10)) * kSeeds / 10);
    }
  }
}

TEST_CASE("a goal is the fewest samples that reach it") {
  for (const std::uint64_t blocks : {100, 5'000, 1'000'000}) {
    for (const std::uint64_t percent : {1, 5, 50}) {
      const std::uint64_t d = blocks * percent / 100;
      for (const double confidence : {0.5, 0.95, 0.99, 0.999}) {
        CAPTURE(blocks);
        CAPTURE(d);
        CAPTURE(confidence);
        const auto n = samples_to_detect(blocks, d, confidence, kSamplesMax);
        REQUIRE(n.has_value());
        CHECK(missed(blocks, d, *n) <= 1 - confidence + 1e-9);
        if (*n > 1) CHECK(missed(blocks, d, *n - 1) > 1 - confidence - 1e-9);
        CHECK(bad_blocks_bound(blocks, *n, 0, confidence).blocks_bad_max < d);
      }
    }
  }
  CHECK(samples_to_detect(10, 10, 0.999999, kSamplesMax) == 1);
  CHECK(samples_to_detect(1, 1, 0.5, kSamplesMax) == 1);
  CHECK(samples_to_detect(50, 1, 0.99, kSamplesMax) == 50);
  CHECK_FALSE(samples_to_detect(std::uint64_t{1} << 35, 1, 0.99, kSamplesMax));
  CHECK(samples_to_detect(std::uint64_t{1} << 40, std::uint64_t{1} << 32, 0.99, kSamplesMax) == 1177);
}
