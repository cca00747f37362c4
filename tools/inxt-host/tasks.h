// SPDX-License-Identifier: AGPL-3.0-or-later
// What the daemon does beside answering requests.
#pragma once

#include "host/bridges.h"
#include "host/host.h"
#include "host/move.h"
#include "host/record_keeper.h"
#include "host/vouched_file.h"
#include "serve/addresses.h"
#include "serve/background.h"
#include "sys/directory.h"

namespace inxt::tools {

struct TaskParts {
  host::Host& host;  // with store, workers, clock, log
  sys::Directory& directory;
  net::HttpServer& server;
  net::Throttle& throttle_in;
  net::Throttle& throttle_out;
  serve::Addresses& addresses;
  host::Mover& mover;
  host::RecordKeeper& records;
  host::VouchedFile& vouched;
  host::Bridges& bridges;
};

/// Begins every task.  REQUIRES: the parts outlive background.stop().
void start_tasks(serve::Background& background, const TaskParts& parts);

}  // namespace inxt::tools
