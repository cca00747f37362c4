// SPDX-License-Identifier: AGPL-3.0-or-later
// Which blocks a Host keeps that keeps a random part of them.
#pragma once

#include <cmath>

#include "base/bytes.h"
#include "base/ids.h"
#include "crypto/hash.h"

namespace inxt::cheat {

/// A coin for each block, thrown by a hash, so that it falls the same way every time.
inline bool is_kept(std::uint64_t seed, const PieceId& piece, std::uint64_t block, double part) {
  const auto coin =
      crypto::labelled_hash("inxt/test/kept", {big_endian(seed), piece.view(), big_endian(block)});
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 7; ++i) value = value << 8 | std::to_integer<std::uint64_t>(coin[i]);
  return static_cast<double>(value) < part * std::ldexp(1.0, 56);
}

}  // namespace inxt::cheat
