// SPDX-License-Identifier: AGPL-3.0-or-later
// Published vectors are written in hex.
#pragma once

#include <doctest/doctest.h>

#include "base/encoding.h"

namespace inxt::testing {

inline Bytes hex(std::string_view text) {
  Bytes out(text.size() / 2);
  REQUIRE(from_hex(text, out));
  return out;
}

template <std::size_t N>
ByteArray<N> hex_array(std::string_view text) {
  ByteArray<N> out;
  REQUIRE(from_hex(text, out));
  return out;
}

}  // namespace inxt::testing
