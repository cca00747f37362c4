// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tree/conflict_name.h"

#include <fmt/format.h>

#include "format/tree_ops.h"

namespace inxt::tree {

std::string conflict_name(std::string_view name, std::uint64_t seq, unsigned number) {
  const auto dot = name.rfind('.');
  const bool has_extension = dot != name.npos && dot > 0 && name.size() - dot <= kExtensionBytesMax;
  auto stem = has_extension ? name.substr(0, dot) : name;
  const auto extension = has_extension ? name.substr(dot) : std::string_view();
  const auto mark =
      number == 1 ? fmt::format(" (conflict {})", seq) : fmt::format(" (conflict {}-{})", seq, number);
  const auto room = format::kTreeNameBytesMax - mark.size() - extension.size();
  if (stem.size() > room) {
    auto end = room;
    while (end > 0 && (static_cast<unsigned char>(stem[end]) & 0xc0U) == 0x80U) --end;
    stem = stem.substr(0, end);
  }
  return fmt::format("{}{}{}", stem, mark, extension);
}

}  // namespace inxt::tree
