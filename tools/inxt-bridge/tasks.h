// SPDX-License-Identifier: AGPL-3.0-or-later
// What the daemon does beside answering requests.
#pragma once

#include "bridge/bridge.h"
#include "bridge/healer.h"
#include "serve/addresses.h"
#include "serve/background.h"

namespace inxt::tools {

struct TaskParts {
  bridge::Bridge& bridge;  // with database, workers, clock, log
  net::HttpServer& server;
  serve::Addresses& addresses;
  bridge::Healer& healer;
};

/// Begins every task.  REQUIRES: the parts outlive background.stop().
void start_tasks(serve::Background& background, const TaskParts& parts);

}  // namespace inxt::tools
