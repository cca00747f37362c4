// SPDX-License-Identifier: LGPL-3.0-or-later
// What a name is called whose place is taken.  Format: inxt-tree(5), "Folding".
#pragma once

#include <cstdint>
#include <string>

namespace inxt::tree {

inline constexpr std::size_t kExtensionBytesMax = 16;  // with its dot; what is longer is no extension

/// "name.ext", entry 7 -> "name (conflict 7).ext"; the second such name of this entry "name (conflict
/// 7-2).ext". The stem is cut, between letters of UTF-8, so that at most 255 bytes come out.
std::string conflict_name(std::string_view name, std::uint64_t seq, unsigned number);

}  // namespace inxt::tree
