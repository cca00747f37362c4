// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include "host/host.h"

namespace inxt::host {

inline constexpr std::int64_t kSaveIndexMs = 600'000;  // what changed since is listed after a kill

/// Until it is cancelled: has the store write its index down now and then.
net::Awaitable<void> run_save_index(Host& host);

}  // namespace inxt::host
