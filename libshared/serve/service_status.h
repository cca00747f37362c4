// SPDX-License-Identifier: LGPL-3.0-or-later
// How a running daemon is, for its operator: the part that every daemon has.  A daemon's own status stands on
// it; JSON, text, metrics and page are written from that one plain value.
#pragma once

#include <string>
#include <vector>

#include "net/http_server.h"
#include "net/worker_pool.h"
#include "serve/request_counts.h"
#include "sys/clock.h"
#include "sys/process.h"

namespace inxt::serve {

inline constexpr std::size_t kPeersShownMax = 100;

struct ServiceStatus {
  std::string version;
  std::int64_t process = 0;
  std::vector<std::string> listening;  // bound here
  std::vector<std::string> addresses;  // as the descriptor says
  std::string page;                    // where the page is; empty for nowhere
  std::int64_t time_unix_s = 0;
  std::int64_t started_unix_s = 0;
  std::int64_t uptime_s = 0;  // by the clock that never jumps

  net::ServerCounters connections;
  std::vector<net::ConnectionInfo> peers;
  std::size_t workers_queued = 0;
  sys::ProcessUse process_use;
};

/// REQUIRES: what it is made of outlives it.
class ServiceStatusSource {
 public:
  /// REQUIRES: made when the daemon starts to serve: uptime counts from here.
  ServiceStatusSource(const sys::Clock& clock, const net::HttpServer& server, const net::WorkerPool& workers,
                      std::vector<std::string> listening);

  /// Everything but addresses, page and process_use, which is for the worker pool (sys::process_use).  On the
  /// loop's thread.
  void fill(ServiceStatus& status) const;

 private:
  const sys::Clock& clock_;
  const net::HttpServer& server_;
  const net::WorkerPool& workers_;
  std::vector<std::string> listening_;
  std::int64_t started_unix_s_, started_ms_;
};

/// What the operator should look at, the worst first.
struct Notice {
  enum class Level { problem, warning, note } level = Level::note;
  std::string text;  // one sentence without a full stop
};
std::string_view level_name(Notice::Level level);

/// Whether `part` is at least `percent` of the whole; never when the whole is 0.
bool is_over(std::uint64_t part, std::uint64_t whole, std::uint64_t percent);
/// Whether it should be told that few files can still be opened.
bool is_short_of_files(const sys::ProcessUse& use);

}  // namespace inxt::serve
