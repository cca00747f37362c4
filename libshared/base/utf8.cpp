// SPDX-License-Identifier: LGPL-3.0-or-later
#include "base/utf8.h"

#include <cstdint>

namespace inxt {

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    std::size_t extra = 0;
    std::uint32_t point = lead;
    if (lead >= 0xf0 && lead < 0xf5)
      extra = 3, point = lead & 7U;
    else if (lead >= 0xe0 && lead < 0xf0)
      extra = 2, point = lead & 15U;
    else if (lead >= 0xc2 && lead < 0xe0)
      extra = 1, point = lead & 31U;
    else if (lead >= 0x80)
      return false;
    if (text.size() - i <= extra) return false;
    for (std::size_t j = 1; j <= extra; ++j) {
      const auto next = static_cast<unsigned char>(text[i + j]);
      if ((next & 0xc0U) != 0x80U) return false;
      point = point << 6 | (next & 63U);
    }
    if ((extra == 2 && point < 0x800) || (extra == 3 && point < 0x10000) || point > 0x10ffff ||
        (point >= 0xd800 && point < 0xe000))
      return false;
    i += extra + 1;
  }
  return true;
}

}  // namespace inxt
