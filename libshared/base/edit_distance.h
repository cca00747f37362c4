// SPDX-License-Identifier: LGPL-3.0-or-later
// How far one word is from another, for "did you mean".
#pragma once

#include <cstddef>
#include <string_view>

namespace inxt {

inline constexpr std::size_t kEditDistanceTextMax = 64;

/// Insertions, deletions, replacements, and swaps of neighbours (optimal string alignment distance).
/// REQUIRES: both at most kEditDistanceTextMax bytes.  Cost: the product of the lengths.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace inxt
