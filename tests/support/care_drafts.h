// SPDX-License-Identifier: AGPL-3.0-or-later
// Caretakers, and files as their owners entrust them to a Bridge.
#pragma once

#include "keys/owner.h"
#include "support/care_lines.h"

namespace inxt::testing {

inline keys::UploaderKeys caretaker_number(std::uint64_t number) {
  return keys::UploaderKeys(format::kCaretakersBegin + static_cast<std::uint32_t>(number),
                            crypto::Key(crypto::SeededRandom(7000 + number).bytes<32>()));
}

}  // namespace inxt::testing
