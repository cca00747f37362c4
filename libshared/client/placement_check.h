// SPDX-License-Identifier: LGPL-3.0-or-later
// Whether a placement is one that an honest Bridge could have given.  What can be seen from here is seen: a
// Host that stands twice, that is the Bridge itself or dearer than was said, two in one network, a layout
// that loses the file with one Host.  Whom Hosts really belong to cannot: inxt-threats(7).
#pragma once

#include "format/descriptor.h"
#include "format/placement.h"

namespace inxt::client {

/// Of layouts that the Bridge chose: so many bytes at Hosts for each byte of ciphertext, at most.
inline constexpr std::uint32_t kPlacedExpansionMax = 16;
/// And shards no smaller than this: smaller ones are many more pieces.
inline constexpr std::uint32_t kPlacedShardBytesMin = 64 * 1024;

/// The Hosts of the placement's lines.  `bridge`: its key.
/// Errors: integrity, saying what is wrong and how it can be allowed where it can.  Cost: one signature check
/// a Host.
Result<std::vector<format::Descriptor>> check_placement(const format::PlacementWish& wish,
                                                        const format::PlacementGiven& given,
                                                        const crypto::PublicKey& bridge);

}  // namespace inxt::client
