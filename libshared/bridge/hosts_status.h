// SPDX-License-Identifier: LGPL-3.0-or-later
// How many Hosts there are and what was found out about them, for a Bridge's operator.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "bridge/directory.h"
#include "format/json.h"
#include "serve/metrics_writer.h"
#include "serve/page_writer.h"
#include "serve/status_lines.h"

namespace inxt::bridge {

struct HostsStatus {
  std::size_t registered = 0, live = 0, reachable = 0;
  std::size_t retiring = 0, paused = 0;
  std::uint64_t capacity_bytes = 0, free_bytes = 0;  // of the live ones, as they say
  BeatCounts beats;                                  // of this process
  MeasureCounts measures;
};

/// Cost: linear in the Hosts.
HostsStatus hosts_status_of(const HostSnapshot& snapshot, const Directory& directory,
                            std::int64_t now_unix_s);

format::Json hosts_json(const HostsStatus& hosts);
void say_hosts(serve::StatusLines& out, const HostsStatus& hosts);
void write_hosts(serve::MetricsWriter& out, const HostsStatus& hosts);
void add_hosts(serve::PageWriter& page, const HostsStatus& hosts);

}  // namespace inxt::bridge
