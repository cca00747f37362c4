// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tasks.h"

#include "bridge/account_control.h"
#include "bridge/directory.h"
#include "serve/service.h"
#include "service.h"

namespace inxt::tools {

void start_tasks(serve::Background& background, const TaskParts& parts) {
  const bridge::Parts& engine = parts.bridge.parts();
  // One line a task.
  parts.addresses.start(background);
  engine.directory.start(background);
  background.start(bridge::run_accounts(parts.bridge));
  parts.healer.start(background);
  serve::start_watchdog(background, engine.workers, engine.log);
  background.start(
      serve::run_status_text(engine.log, [&server = parts.server] { return status_text(server); }));
}

}  // namespace inxt::tools
