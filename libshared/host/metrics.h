// SPDX-License-Identifier: LGPL-3.0-or-later
// A Host's status for Prometheus: its text format 0.0.4.  Manual: inxt-host(8), "Metrics".
#pragma once

#include <string>

#include "host/status.h"

namespace inxt::host {

/// Every metric has the same series from the first answer on, except refusals by reason: a reason appears
/// with the first.
std::string metrics_text(const Status& status);

}  // namespace inxt::host
