// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/service_status.h"

#include <unistd.h>

namespace inxt::serve {

namespace {

constexpr std::uint64_t kOpenFilesPercentMax = 80;

}  // namespace

ServiceStatusSource::ServiceStatusSource(const sys::Clock& clock, const net::HttpServer& server,
                                         const net::WorkerPool& workers, std::vector<std::string> listening)
    : clock_(clock),
      server_(server),
      workers_(workers),
      listening_(std::move(listening)),
      started_unix_s_(clock.unix_s()),
      started_ms_(clock.steady_ms()) {}

void ServiceStatusSource::fill(ServiceStatus& status) const {
  status.version = INXT_VERSION;
  status.process = ::getpid();
  status.listening = listening_;
  status.time_unix_s = clock_.unix_s();
  status.started_unix_s = started_unix_s_;
  status.uptime_s = (clock_.steady_ms() - started_ms_) / 1000;
  status.connections = server_.counters();
  status.peers = server_.connections(kPeersShownMax);
  status.workers_queued = workers_.queued();
}

std::string_view level_name(Notice::Level level) {
  switch (level) {
    case Notice::Level::problem:
      return "problem";
    case Notice::Level::warning:
      return "warning";
    case Notice::Level::note:
      return "note";
  }
  return "note";
}

bool is_over(std::uint64_t part, std::uint64_t whole, std::uint64_t percent) {
  return whole > 0 &&
         static_cast<double>(part) * 100 >= static_cast<double>(whole) * static_cast<double>(percent);
}

bool is_short_of_files(const sys::ProcessUse& use) {
  return is_over(use.open_files, use.open_files_max, kOpenFilesPercentMax);
}

}  // namespace inxt::serve
