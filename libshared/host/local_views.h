// SPDX-License-Identifier: LGPL-3.0-or-later
// The ways to look at a running Host, on its page's address and on its control socket.
#pragma once

#include "host/status_source.h"
#include "serve/local_pages.h"

namespace inxt::host {

/// REQUIRES: `source` outlives the views.
std::vector<serve::LocalView> local_views(const StatusSource& source);

}  // namespace inxt::host
