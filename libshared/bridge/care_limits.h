// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge takes of care, beside what format/care_requests.h takes of one body.  Wire: inxt-bridge(7),
// "LIMITS".
#pragma once

#include <cstddef>
#include <cstdint>

namespace inxt::bridge {

inline constexpr std::int64_t kCareKeysPerOwnerMax = 64;
inline constexpr std::int64_t kCareDoubtsPerOwnerMax = 1024;  // that wait
inline constexpr std::size_t kCarePageLinesMax = 1024;
/// What a place costs in a row, and later ones of the same piece with it.
inline constexpr std::int64_t kCarePlaceChargeBytes = 64;
/// A file of which parts are missing is forgotten after this.
inline constexpr std::int64_t kCarePartKeptS = 86400;
inline constexpr std::int64_t kCareSweptAtOnceMax = 10;  // files

}  // namespace inxt::bridge
