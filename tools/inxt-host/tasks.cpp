// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tasks.h"

#include "host/reaper.h"
#include "host/run_inventory.h"
#include "host/save_index.h"
#include "host/scrub.h"
#include "host/traffic.h"
#include "serve/service.h"
#include "service.h"

namespace inxt::tools {

void start_tasks(serve::Background& background, const TaskParts& parts) {
  // One line a task.
  parts.addresses.start(background);
  background.start(host::run_save_index(parts.host));
  background.start(host::run_reaper(parts.host, parts.directory));
  background.start(host::run_inventory(parts.host));
  background.start(host::run_scrub(parts.host, parts.directory));
  background.start(host::run_traffic(parts.host, parts.directory, parts.server));
  background.start(host::run_bandwidth(parts.host, parts.throttle_in, parts.throttle_out));
  background.start(parts.mover.run());
  background.start(parts.records.run());
  background.start(parts.vouched.run());
  parts.bridges.start(background);
  serve::start_watchdog(background, parts.host.parts().workers, parts.host.parts().log);
  background.start(serve::run_status_text(
      parts.host.parts().log,
      [&host = parts.host, &server = parts.server] { return status_text(host, server); }));
}

}  // namespace inxt::tools
