// SPDX-License-Identifier: LGPL-3.0-or-later
// Until when a stored contract runs.  Its tokens were checked before they were stored, and whoever acts on a
// term checks them again: here the payload is read, not the signature, so that half a million are read in
// seconds.
#pragma once

#include <cstdint>

#include "store/stored_piece.h"

namespace inxt::store {

/// `until` of the renewal, else of the offer, in the index's 32 bits; kTermNone when neither can be read.
std::uint32_t term_of(const Trailer& trailer);

}  // namespace inxt::store
