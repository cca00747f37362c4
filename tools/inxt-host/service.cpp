// SPDX-License-Identifier: AGPL-3.0-or-later
#include "service.h"

#include <fmt/format.h>

#include "cli/units.h"

namespace inxt::tools {

std::string status_text(const host::Host& host, const net::HttpServer& server) {
  const store::Stats store = host.parts().store.stats();
  const net::ServerCounters& counters = server.counters();
  return fmt::format("{}{}{} pieces, {} of {}; {} connections{}",
                     host.is_retiring()   ? "retiring; "
                     : host.is_draining() ? "draining; "
                                          : "",
                     store.rebuilding ? "rebuilding its index; " : "", store.pieces,
                     cli::show_size(store.used_bytes), cli::show_size(store.capacity_bytes),
                     counters.connections_now,
                     store.damaged == 0 ? "" : fmt::format("; {} damaged", store.damaged));
}

}  // namespace inxt::tools
