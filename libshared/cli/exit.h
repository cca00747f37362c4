// SPDX-License-Identifier: LGPL-3.0-or-later
// How a tool ends.  The table is inxt(7), EXIT STATUS; failures are the codes of base/result.h.
#pragma once

#include "base/result.h"

namespace inxt::cli {

enum class Exit : int {
  ok = 0,
  failure = static_cast<int>(Code::failure),
  partial = static_cast<int>(Code::partial),
  not_found = static_cast<int>(Code::not_found),
  try_again = static_cast<int>(Code::try_again),
  integrity = static_cast<int>(Code::integrity),
  audit_failed = static_cast<int>(Code::audit_failed),
  too_few_pieces = static_cast<int>(Code::too_few_pieces),
  below_redundancy = static_cast<int>(Code::below_redundancy),
};

/// When several apply: proven damage (integrity, audit_failed) before too few pieces, before below
/// redundancy, before partial, before try again, before the rest.
Exit worse(Exit a, Exit b);

}  // namespace inxt::cli
