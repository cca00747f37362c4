// SPDX-License-Identifier: LGPL-3.0-or-later
#include "plan/repair_margin.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace inxt::plan {

std::int32_t margin_of(const PlacedLayout& layout, std::span<const bool> is_there) {
  CHECK_BUG(is_there.size() == layout.hosts());
  if (layout.mirrors == 1)
    return std::max(
        static_cast<std::int32_t>(std::ranges::count(is_there, true)) - static_cast<std::int32_t>(layout.k),
        -1);
  // Shards by how many copies there are of them.  The shortest way to fewer than K shards is
  // to lose those with the fewest copies.
  std::array<std::uint32_t, kPlacedMirrorsMax + 1> shards_with{};
  std::uint32_t shards = 0;
  for (std::size_t at = 0; at < is_there.size(); at += layout.mirrors) {
    const auto copies = std::ranges::count(is_there.subspan(at, layout.mirrors), true);
    ++shards_with[static_cast<std::size_t>(copies)];
    shards += copies > 0;
  }
  if (shards < layout.k) return -1;
  std::int32_t margin = -1;
  std::uint32_t to_lose = shards - layout.k + 1;
  for (std::uint32_t copies = 1; to_lose > 0; ++copies) {
    const std::uint32_t taken = std::min(to_lose, shards_with[copies]);
    margin += static_cast<std::int32_t>(taken * copies);
    to_lose -= taken;
  }
  return margin;
}

std::int32_t repair_margin(const PlacedLayout& layout) {
  const auto spare = static_cast<std::int32_t>(layout.spare());
  if (spare <= 2 || layout.mirrors > 1) return spare - 1;
  return static_cast<std::int32_t>((layout.m + 1) / 2);
}

std::uint64_t repair_bytes(const PlacedLayout& layout, std::uint64_t piece_bytes, std::size_t missing,
                           std::size_t handed_over) {
  const std::uint64_t pieces = (missing > 0 ? layout.k + missing : 0) + handed_over;
  return pieces * piece_bytes;
}

}  // namespace inxt::plan
