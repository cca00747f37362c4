// SPDX-License-Identifier: AGPL-3.0-or-later
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "ls_tool.h"

namespace inxt::ls_tool {

std::string show_time(std::int64_t unix_s) {
  constexpr std::int64_t kLastDay = 253402214400;
  if (unix_s > kLastDay || unix_s < 0) return fmt::format("@{}", unix_s);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(unix_s)));
}

std::string show_mode(bool is_folder, std::uint32_t mode) {
  std::string out = is_folder ? "d" : "-";
  for (int bit = 8; bit >= 0; --bit) out += (mode >> bit) & 1 ? "rwx"[(8 - bit) % 3] : '-';
  return out;
}

std::string long_line(std::uint32_t mode, std::optional<std::uint64_t> bytes, std::int64_t mtime_unix_s,
                      std::string_view name) {
  return fmt::format("{} {:>12} {:<20} {}", show_mode(false, mode), bytes ? std::to_string(*bytes) : "?",
                     show_time(mtime_unix_s), name);
}

}  // namespace inxt::ls_tool
