// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/placement_layout.h"

#include <algorithm>
#include <initializer_list>

#include "base/check.h"

namespace inxt::plan {
namespace {

using U128 = unsigned __int128;

constexpr U128 kOne = U128{1} << 64;
constexpr std::uint32_t kDaysAYear = 365;

/// The probability, of 2^64, that at least `least` of `hosts` are missing when each is with `missing_ppm`.
/// The terms of the binomial distribution one from the other, each rounded down: with kNinesMax they are
/// right to six digits where they count.
U128 missing_of(std::uint32_t hosts, std::uint32_t least, std::uint32_t missing_ppm) {
  if (least == 0 || missing_ppm >= kMillion) return kOne;
  U128 term = kOne - 1;  // that none is
  for (std::uint32_t i = 0; i < hosts; ++i) term = term * (kMillion - missing_ppm) / kMillion;
  U128 sum = 0;
  for (std::uint32_t missing = 1; missing <= hosts; ++missing) {
    term = term * (hosts - missing + 1) * missing_ppm / (U128{missing} * (kMillion - missing_ppm));
    if (missing >= least) sum += term;
  }
  return sum;
}

std::initializer_list<std::uint32_t> data_shards_for(std::uint64_t bytes) {
  static constexpr std::initializer_list<std::uint32_t> kSmall{4, 2}, kMiddle{10, 4, 2}, kLarge{20, 10, 4, 2};
  if (bytes <= kMirroredBytesMax) return {};
  return bytes <= kSmallBytesMax ? kSmall : bytes <= kMiddleBytesMax ? kMiddle : kLarge;
}

}  // namespace

bool is_durable(const PlacedLayout& layout, std::uint32_t nines, const PlacementLimits& limits) {
  CHECK_BUG(nines <= kNinesMax);
  const std::uint32_t lost_ppm = std::min(limits.host_loss_ppm_a_year, kMillion);
  const auto missing_ppm = static_cast<std::uint32_t>(std::min<std::uint64_t>(
      kMillion,
      (std::uint64_t{lost_ppm} * std::min(limits.repair_days, kDaysAYear) + kDaysAYear - 1) / kDaysAYear));
  // A segment is lost when one more Host is, while as many are missing as may be.
  U128 lost =
      missing_of(layout.hosts() - 1, layout.spare(), missing_ppm) * layout.hosts() * lost_ppm / kMillion;
  for (std::uint32_t i = 0; i < nines; ++i) lost *= 10;
  return lost <= kOne;
}

std::vector<PlacedLayout> automatic_layouts(std::uint64_t bytes, std::uint32_t independent,
                                            std::uint32_t nines, const PlacementLimits& limits) {
  std::vector<PlacedLayout> fitting;
  for (const std::uint32_t k : data_shards_for(bytes)) {
    PlacedLayout layout{.k = k, .m = 1, .mirrors = 1};
    while (layout.m < kPlacedShardsMax && !is_durable(layout, nines, limits)) ++layout.m;
    if (layout.hosts() <= independent && is_durable(layout, nines, limits)) fitting.push_back(layout);
  }
  std::ranges::stable_partition(fitting,
                                [&](const auto& layout) { return layout.hosts() + layout.m <= independent; });
  if (const auto mirrors = hosts_needed_min(nines, limits); mirrors && *mirrors <= independent)
    fitting.push_back({.k = 1, .m = 0, .mirrors = *mirrors});
  return fitting;
}

std::optional<std::uint32_t> hosts_needed_min(std::uint32_t nines, const PlacementLimits& limits) {
  for (std::uint32_t mirrors = 1; mirrors <= kPlacedMirrorsMax; ++mirrors)
    if (is_durable({.k = 1, .m = 0, .mirrors = mirrors}, nines, limits)) return mirrors;
  return std::nullopt;
}

std::uint32_t placed_shard_bytes(const PlacedLayout& layout, const PlacementLimits& limits) {
  std::uint32_t bytes = limits.shard_bytes_max;
  while (bytes > 4096 && std::uint64_t{bytes} * (layout.k + layout.m) > limits.segment_memory_bytes)
    bytes /= 2;
  return bytes;
}

}  // namespace inxt::plan
