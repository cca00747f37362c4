// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/placement_layout.h"

#include <doctest/doctest.h>

#include <cmath>

#include "format/layout.h"

namespace inxt::plan {

static_assert(kPlacedShardsMax == format::kDataShardsMax && kPlacedShardsMax == format::kParityShardsMax);
static_assert(kPlacedMirrorsMax == format::kMirrorsMax);
static_assert(PlacementLimits{}.shard_bytes_max == format::kShardBytesMax);
static_assert(PlacementLimits{}.segment_memory_bytes == format::kSegmentMemoryBytes);

namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

double lost_a_year(const PlacedLayout& layout, const PlacementLimits& limits) {
  const double lost = limits.host_loss_ppm_a_year / 1e6;
  const double q = std::ceil(limits.host_loss_ppm_a_year * limits.repair_days / 365.0) / 1e6;
  double missing = 0;
  const double n = layout.hosts() - 1;
  for (std::uint32_t i = layout.spare(); i < layout.hosts(); ++i)
    missing += std::exp(std::lgamma(n + 1) - std::lgamma(i + 1.0) - std::lgamma(n - i + 1) + i * std::log(q) +
                        (n - i) * std::log1p(-q));
  return missing * layout.hosts() * lost;
}

TEST_CASE("durability is the binomial distribution's") {
  PlacementLimits limits;
  int checked = 0;
  for (const std::uint32_t loss : {20'000U, 100'000U, 400'000U}) {
    limits.host_loss_ppm_a_year = loss;
    for (const PlacedLayout layout : {PlacedLayout{1, 0, 1},
                                      {1, 0, 2},
                                      {1, 0, 3},
                                      {4, 2, 1},
                                      {4, 3, 1},
                                      {10, 4, 1},
                                      {20, 5, 1},
                                      {20, 10, 1},
                                      {64, 64, 1},
                                      {1, 0, 16}})
      for (std::uint32_t nines = 0; nines <= kNinesMax; ++nines) {
        const double lost = lost_a_year(layout, limits), allowed = std::pow(10.0, -double(nines));
        if (std::abs(lost / allowed - 1) < 1e-3) continue;
        CHECK(is_durable(layout, nines, limits) == (lost <= allowed));
        ++checked;
      }
  }
  CHECK(checked > 300);
  limits.host_loss_ppm_a_year = UINT32_MAX;
  limits.repair_days = 1000;
  CHECK_FALSE(is_durable({64, 64, 1}, 1, limits));
}

TEST_CASE("automatic layouts are the manual's table") {
  const PlacementLimits limits;
  const auto first = [&](std::uint64_t bytes, std::uint32_t hosts, std::uint32_t nines = 5) {
    const auto layouts = automatic_layouts(bytes, hosts, nines, limits);
    return layouts.empty() ? PlacedLayout{.k = 0, .m = 0, .mirrors = 0} : layouts.front();
  };
  const PlacedLayout mirrors{1, 0, 3}, none{0, 0, 0};
  for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{1}, kMirroredBytesMax}) {
    CHECK(first(bytes, 1000) == mirrors);
    CHECK(first(bytes, 3) == mirrors);
    CHECK(first(bytes, 2) == none);
  }
  CHECK(first(kMirroredBytesMax + 1, 1000) == PlacedLayout{4, 3, 1});
  CHECK(first(8 * kMiB, 10) == PlacedLayout{4, 3, 1});
  CHECK(first(8 * kMiB, 9) == PlacedLayout{2, 3, 1});  // a repair finds Hosts
  CHECK(first(8 * kMiB, 7) == PlacedLayout{4, 3, 1});  // for none a repair does
  CHECK(first(8 * kMiB, 5) == PlacedLayout{2, 3, 1});
  CHECK(first(8 * kMiB, 4) == mirrors);
  CHECK(first(8 * kMiB + 1, 18) == PlacedLayout{10, 4, 1});
  CHECK(first(1024 * kMiB, 17) == PlacedLayout{4, 3, 1});
  CHECK(first(1024 * kMiB + 1, 30) == PlacedLayout{20, 5, 1});
  CHECK(first(UINT64_MAX, 29) == PlacedLayout{10, 4, 1});
  CHECK(first(UINT64_MAX, 4) == mirrors);

  for (std::uint32_t nines = 0; nines <= kNinesMax; ++nines)
    for (const auto& layout : automatic_layouts(UINT64_MAX, 1000, nines, limits)) {
      CHECK(is_durable(layout, nines, limits));
      if (layout.m > 1) CHECK_FALSE(is_durable({layout.k, layout.m - 1, 1}, nines, limits));
    }
}

TEST_CASE("a segment's shards fit in memory") {
  const PlacementLimits limits;
  CHECK(placed_shard_bytes({10, 4, 1}, limits) == 2 * kMiB);
  CHECK(placed_shard_bytes({12, 4, 1}, limits) == 2 * kMiB);
  CHECK(placed_shard_bytes({12, 5, 1}, limits) == kMiB);
  CHECK(placed_shard_bytes({64, 64, 1}, limits) == kMiB / 4);
  CHECK(placed_shard_bytes({1, 0, 16}, limits) == 2 * kMiB);
}

}  // namespace
}  // namespace inxt::plan
