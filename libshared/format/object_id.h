// SPDX-License-Identifier: LGPL-3.0-or-later
// The id of an object's first record: what permits, entries and records name an object by.  Format:
// inxt-token(5).
#pragma once

#include "base/ids.h"

namespace inxt::format {

using ObjectId = Id<struct ObjectIdTag, 32>;

}  // namespace inxt::format
