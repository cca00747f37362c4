// SPDX-License-Identifier: LGPL-3.0-or-later
// A Host's status as one HTML page: no scripts, nothing loaded, nothing to press.  It renews itself.
#pragma once

#include <string>

#include "host/status.h"

namespace inxt::host {

inline constexpr std::size_t kAuditsOnPage = 25;  // of either kind

std::string status_page(const Status& status);

}  // namespace inxt::host
