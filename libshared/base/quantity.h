// SPDX-License-Identifier: LGPL-3.0-or-later
// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace inxt {

/// "3.20 TB": three digits, powers of 1000.
std::string show_size(std::uint64_t bytes);
/// "2 h 5 min", "45 s".
std::string show_duration(std::int64_t seconds);
/// "12,345".
std::string show_count(std::uint64_t count);

}  // namespace inxt
