// SPDX-License-Identifier: AGPL-3.0-or-later
#include "service.h"

#include <fmt/format.h>

#include "base/quantity.h"

namespace inxt::tools {

std::string status_text(const net::HttpServer& server) {
  const net::ServerCounters& counters = server.counters();
  return fmt::format("{} requests; {} connections", show_count(counters.requests), counters.connections_now);
}

}  // namespace inxt::tools
