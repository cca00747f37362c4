// SPDX-License-Identifier: LGPL-3.0-or-later
// How near to loss a segment is, and from where on it is repaired.  Manual: inxt-durability(7), "Repair".
// Pure.
#pragma once

#include <cstdint>
#include <span>

#include "plan/placement_layout.h"

namespace inxt::plan {

/// Pieces that a segment can lose, whichever they are, and still be read; -1 when it cannot be read.
/// `is_there`: by place; place = shard * layout.mirrors + mirror, layout.hosts() of them.  Cost: the places.
std::int32_t margin_of(const PlacedLayout& layout, std::span<const bool> is_there);

/// A segment is repaired where its margin is this, or less: one less than is spare, so at the first piece
/// that is missing, of mirrors and where up to 2 are spare; else half of M, rounded up.  Waiting is what
/// makes wide layouts cheap: a repair reads K pieces for one that is missing as for five.
std::int32_t repair_margin(const PlacedLayout& layout);

/// What a repair moves: K pieces are read and `missing` are written, and `handed_over` are copied.
std::uint64_t repair_bytes(const PlacedLayout& layout, std::uint64_t piece_bytes, std::size_t missing,
                           std::size_t handed_over);

}  // namespace inxt::plan
