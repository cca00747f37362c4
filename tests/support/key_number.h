// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

#include "crypto/random.h"
#include "crypto/sign.h"

namespace inxt::testing {

/// A key for each number, always the same one.
inline crypto::SigningKey key_number(std::uint64_t number) {
  return crypto::SigningKey::from_seed(crypto::SeededRandom(number).bytes<32>());
}

}  // namespace inxt::testing
