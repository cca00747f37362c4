// SPDX-License-Identifier: LGPL-3.0-or-later
// What is missing, in words.  For plan/placement.cpp.
#pragma once

#include "plan/placement.h"

namespace inxt::plan {

/// The numbers of `refusal` as a sentence, and what to try.
Error refusal_error(const PlacementRefusal& refusal, const PlacementExceptions& allowed);

}  // namespace inxt::plan
