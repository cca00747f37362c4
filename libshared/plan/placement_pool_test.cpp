// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/placement_pool.h"

#include <doctest/doctest.h>

#include <random>

#include "support/candidates.h"

namespace inxt::plan {
namespace {

using testing::good_candidate;
using testing::good_candidates;
using testing::kGiB;
using testing::new_candidate;

std::uint64_t sum_of(const PlacementPool& pool, std::size_t first, std::size_t end) {
  std::uint64_t sum = 0;
  for (std::size_t i = first; i < end; ++i) sum += pool.weight(i);
  return sum;
}

TEST_CASE("a weighted tree finds what a walk finds, whatever was changed") {
  std::mt19937_64 random(1);
  WeightedTree tree;
  std::vector<std::uint64_t> weights;
  for (int step = 0; step < 3000; ++step) {
    const std::uint64_t weight = random() % 4 == 0 ? 0 : random() % 1000;
    if (weights.empty() || random() % 3 == 0) {
      weights.push_back(weight);
      tree.push_back(weight);
    } else {
      const std::size_t at = random() % weights.size();
      weights[at] = weight;
      tree.set(at, weight);
    }
    std::uint64_t total = 0;
    for (const auto each : weights) total += each;
    REQUIRE(tree.total() == total);
    if (total == 0) continue;
    const std::uint64_t value = random() % total;
    std::size_t expected = 0;
    std::uint64_t sum = weights[0];
    while (sum <= value) sum += weights[++expected];
    REQUIRE(tree.find(value) == expected);
    REQUIRE(tree.before(expected) == sum - weights[expected]);
  }
}

TEST_CASE("weights are the manual's") {
  const PlacementLimits limits;
  Candidate candidate = good_candidate(1);  // 512 GiB, 12.5 MB/s, 40 ms
  const auto parts = weight_parts(candidate, limits);
  CHECK(parts.room == 512 * 64);
  CHECK(parts.speed == 15);
  CHECK(parts.close == 16);
  CHECK(parts.standing == 65'536);
  CHECK(parts.weight() == 512 * 64 * 15 * 16);

  candidate.up_bytes_per_s = 128 * 1024 - 1;
  CHECK(weight_parts(candidate, limits).speed == 8);
  candidate.up_bytes_per_s = 128 * 1024;
  CHECK(weight_parts(candidate, limits).speed == 9);
  candidate.up_bytes_per_s = candidate.down_bytes_per_s = std::uint64_t{1} << 62;
  CHECK(weight_parts(candidate, limits).speed == 16);
  for (const auto& [rtt_ms, close] : {std::pair{0U, 16U},
                                      {49U, 16U},
                                      {50U, 14U},
                                      {100U, 12U},
                                      {200U, 10U},
                                      {400U, 8U},
                                      {kRttUnknown, 8U}}) {
    candidate.rtt_ms = rtt_ms;
    CHECK(weight_parts(candidate, limits).close == close);
  }
  candidate.uptime_ppm = 950'000;
  CHECK(weight_parts(candidate, limits).standing == 32'768);
  candidate.standing_ppm = 500'000;
  CHECK(weight_parts(candidate, limits).standing == 8'192);
  candidate.uptime_ppm = 900'000;
  CHECK(weight_parts(candidate, limits).standing == 0);
  CHECK(weight_parts(candidate, limits).weight() == 0);
  candidate = good_candidate(1);
  candidate.uptime_ppm = candidate.standing_ppm = UINT32_MAX;  // no more than all
  CHECK(weight_parts(candidate, limits).standing == 65'536);
}

TEST_CASE("room that nobody has seen is believed up to 64 GiB, and what is proved four times") {
  const PlacementLimits limits;
  Candidate liar = new_candidate(1, UINT64_MAX);
  CHECK(believed_room_bytes(liar, limits) == 64 * kGiB);
  liar.placed_bytes = 40 * kGiB;  // and it shows nothing for it
  CHECK(believed_room_bytes(liar, limits) == 24 * kGiB);
  liar.placed_bytes = 64 * kGiB;
  CHECK(believed_room_bytes(liar, limits) == 0);
  liar.placed_bytes = 100 * kGiB;
  CHECK(believed_room_bytes(liar, limits) == 0);
  liar.placed_bytes = liar.proved_bytes = 40 * kGiB;
  CHECK(believed_room_bytes(liar, limits) == (64 + 4 * 40 - 40) * kGiB);
  liar.proved_bytes = UINT64_MAX;  // no more is proved than was placed
  CHECK(believed_room_bytes(liar, limits) == (64 + 4 * 40 - 40) * kGiB);
  liar.free_bytes = 3 * kGiB;
  CHECK(believed_room_bytes(liar, limits) == 3 * kGiB);
}

Candidate in_group(Candidate candidate, Shared kind, std::uint32_t group) {
  if (kind == Shared::operator_group) candidate.operator_group = group;
  if (kind == Shared::network) candidate.network = group;
  if (kind == Shared::domain) candidate.domain = group;
  return candidate;
}

TEST_CASE("a thousand identities get what one Host gets, by whichever group they share") {
  for (const Shared kind : kSharedKinds)
    for (const std::uint32_t audits : {0U, 100U}) {
      auto candidates = good_candidates(100);
      candidates.push_back(new_candidate(100, UINT64_MAX));
      candidates.back().audits_passed = audits;
      for (std::uint32_t i = 0; i < 1000; ++i) {
        candidates.push_back(in_group(new_candidate(1000 + i, UINT64_MAX), kind, 7777));
        candidates.back().audits_passed = audits;
      }
      const auto pool = *PlacementPool::make(candidates);
      const std::uint64_t together = sum_of(pool, 101, 1101);
      CHECK(together <= pool.weight(100));
      CHECK(together > pool.weight(100) / 2);
      std::uint64_t room_bytes = 0;
      for (std::size_t i = 101; i < 1101; ++i) room_bytes += pool.room_bytes(i);
      CHECK(room_bytes <= pool.room_bytes(100));
      CHECK(pool.independent() == 102);
    }
}

TEST_CASE("what identities hold and prove counts once, however many they are") {
  for (const Shared kind : kSharedKinds) {
    auto one = good_candidate(1);
    one.placed_bytes = one.proved_bytes = 100 * kGiB;
    one.free_bytes = UINT64_MAX;
    std::vector<Candidate> candidates{one};
    for (std::uint32_t i = 0; i < 100; ++i) {
      auto part = in_group(good_candidate(10 + i), kind, 7777);
      part.placed_bytes = part.proved_bytes = kGiB;
      part.free_bytes = UINT64_MAX;
      candidates.push_back(part);
    }
    const auto pool = *PlacementPool::make(candidates);
    const std::uint64_t together = sum_of(pool, 1, 101);
    CHECK(together <= pool.weight(0));
    CHECK(together > pool.weight(0) * 9 / 10);
  }
}

TEST_CASE("whoever joins a group takes nothing from those who hold and prove, and new Hosts nothing at all") {
  auto candidates = good_candidates(10);
  candidates[4].placed_bytes = candidates[4].proved_bytes = 0;  // not new, and empty
  const auto before = *PlacementPool::make(candidates);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    auto joined = new_candidate(5000 + i, 1000 * kGiB);
    joined.operator_group = candidates[4].operator_group;
    joined.network = candidates[4].network;
    candidates.push_back(joined);
    joined.operator_group = candidates[3].operator_group;
    joined.network = candidates[3].network;
    joined.audits_passed = 100;
    candidates.push_back(joined);
  }
  const auto after = *PlacementPool::make(candidates);
  CHECK(after.weight(3) == before.weight(3));
  CHECK(after.weight(4) == before.weight(4));
}

TEST_CASE("unknown groups are shared with nobody") {
  auto candidates = good_candidates(50);
  for (auto& candidate : candidates) candidate.operator_group = candidate.domain = 0, candidate.network = 0;
  const auto pool = *PlacementPool::make(candidates);
  CHECK(pool.independent() == 50);
  CHECK(pool.sharing(7) == 1);
  for (const Shared kind : kSharedKinds) {
    CHECK_FALSE(pool.is_shared(kind, 1, 2));
    CHECK(pool.sharing(kind, 1) == 1);
  }
}

TEST_CASE("a pool that was changed is the pool made anew") {
  std::mt19937_64 random(5);
  const auto any = [&] {
    auto candidate = good_candidate(static_cast<std::uint32_t>(random() % 40));
    candidate.operator_group = static_cast<std::uint32_t>(random() % 12);
    candidate.domain = static_cast<std::uint32_t>(random() % 6);
    candidate.network = random() % 15;
    candidate.region = static_cast<std::uint32_t>(random() % 3);
    candidate.free_bytes = random() % (800 * kGiB);
    candidate.placed_bytes = random() % (80 * kGiB);
    candidate.proved_bytes = random() % (candidate.placed_bytes + 1);
    candidate.audits_passed = random() % 3 == 0 ? 0 : 20;
    candidate.takes_pieces = random() % 5 != 0;
    return candidate;
  };
  PlacementPool pool;
  std::vector<Candidate> candidates;
  for (int step = 0; step < 1500; ++step) {
    const std::size_t at = random() % (candidates.size() + (candidates.size() < 60));
    const Candidate candidate = any();
    if (at == candidates.size()) {
      candidates.push_back(candidate);
    } else {
      candidates[at] = candidate;
    }
    REQUIRE(pool.set(at, candidate));
    const auto anew = *PlacementPool::make(candidates);
    REQUIRE(pool.independent() == anew.independent());
    REQUIRE(pool.regions() == anew.regions());
    REQUIRE(pool.wide_networks() == anew.wide_networks());
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      REQUIRE(pool.weight(i) == anew.weight(i));
      REQUIRE(pool.room_bytes(i) == anew.room_bytes(i));
      REQUIRE(pool.sharing(i) == anew.sharing(i));
      for (const Shared kind : kSharedKinds) REQUIRE(pool.sharing(kind, i) == anew.sharing(kind, i));
    }
    REQUIRE(pool.tree(false).total() == anew.tree(false).total());
    REQUIRE(pool.tree(true).total() == anew.tree(true).total());
  }
}

}  // namespace
}  // namespace inxt::plan
