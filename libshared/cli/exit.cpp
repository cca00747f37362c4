// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/exit.h"

#include <algorithm>
#include <array>

namespace inxt::cli {

Exit worse(Exit a, Exit b) {
  static constexpr std::array kOrder{Exit::integrity,        Exit::audit_failed, Exit::too_few_pieces,
                                     Exit::below_redundancy, Exit::partial,      Exit::try_again,
                                     Exit::not_found,        Exit::failure,      Exit::ok};
  return std::min(std::find(kOrder.begin(), kOrder.end(), a), std::find(kOrder.begin(), kOrder.end(), b)) ==
                 std::find(kOrder.begin(), kOrder.end(), a)
             ? a
             : b;
}

}  // namespace inxt::cli
