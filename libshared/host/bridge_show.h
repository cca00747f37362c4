// SPDX-License-Identifier: LGPL-3.0-or-later
// How a Host shows its operator how it stands with its Bridges.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "format/json.h"
#include "host/status.h"
#include "serve/metrics_writer.h"
#include "serve/page_writer.h"
#include "serve/status_lines.h"

namespace inxt::host {

void add_bridge_notices(std::vector<Notice>& notices, const Status& status);
format::Json bridges_json(const Status& status);
void say_bridges(serve::StatusLines& out, const Status& status);
void write_bridges(serve::MetricsWriter& out, const Status& status);
void add_bridges(serve::PageWriter& page, const Status& status);

}  // namespace inxt::host
