// SPDX-License-Identifier: LGPL-3.0-or-later
// The addresses that a descriptor announces: member `addresses`.
#pragma once

#include <string>
#include <vector>

#include "format/json.h"

namespace inxt::format {

/// Errors: integrity when there are more than kAddressesMax, or one is not is_address().
Result<std::vector<std::string>> read_addresses(const Fields& fields);

}  // namespace inxt::format
