// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/escape.h"

#include <fmt/format.h>

#include <cstdint>

#include "format/json.h"

namespace inxt::format {
namespace {

/// Bytes of the UTF-8 sequence at the front of `text`; 0 when it is not one.
std::size_t sequence_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return length <= text.size() && format::is_utf8(text.substr(0, length)) ? length : 0;
}

std::uint32_t code_point(std::string_view sequence) {
  if (sequence.size() == 1) return static_cast<unsigned char>(sequence[0]);
  std::uint32_t point = static_cast<unsigned char>(sequence[0]) & (0x7fU >> sequence.size());
  for (char c : sequence.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3fU);
  return point;
}

bool hides(std::uint32_t point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0)  // C0, DEL, C1
         || point == 0xad || point == 0x61c || point == 0xfeff ||
         (point >= 0x200b && point <= 0x200f)     // zero width, direction marks
         || (point >= 0x2028 && point <= 0x202e)  // separators, embeddings
         || (point >= 0x2060 && point <= 0x206f)  // invisible operators, isolates
         || (point >= 0xfff9 && point <= 0xfffb) || (point >= 0xe0000 && point <= 0xe007f);
}

}  // namespace

std::string escape(std::string_view text, bool keep_newlines) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    const std::uint32_t point = code_point(text.substr(0, length));
    if (keep_newlines && (point == '\n' || point == '\t'))
      out += text.front();
    else if (!hides(point))
      out += text.substr(0, length);
    else if (point < 0x80)
      out += fmt::format("\\x{:02x}", point);
    else
      out += fmt::format("\\u{{{:x}}}", point);
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace inxt::format
