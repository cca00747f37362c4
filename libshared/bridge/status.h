// SPDX-License-Identifier: LGPL-3.0-or-later
// How a running Bridge is, for its operator: one plain value that JSON, text, metrics and page are written
// from.  Manual: inxt-bridge(8), "Watching a Bridge".
#pragma once

#include <functional>

#include "bridge/bridge.h"
#include "bridge/healer_status.h"
#include "bridge/hosts_status.h"
#include "serve/local_pages.h"
#include "serve/service_status.h"

namespace inxt::bridge {

struct DatabaseStatus {
  std::string dialect;       // "sqlite", "postgresql"
  std::string trouble = {};  // why it did not answer just now; empty when it did
  database::Database::Counts counts = {};
};

struct Status : serve::ServiceStatus {
  Status() : counters(0) {}

  crypto::PublicKey bridge{};
  DatabaseStatus database;
  HostsStatus hosts;
  HealerStatus healer;
  serve::RequestCounters counters;
};

/// What the operator should look at, the worst first.
std::vector<serve::Notice> notices(const Status& status);

/// One JSON object with a newline.
std::string status_json(const Status& status);
/// Some ten lines for a terminal.
std::string status_text(const Status& status);
/// For Prometheus.
std::string metrics_text(const Status& status);
std::string status_page(const Status& status);

/// REQUIRES: bridge and server outlive this.
class StatusSource {
 public:
  /// REQUIRES: made when the Bridge starts to serve: uptime counts from here.
  StatusSource(const Bridge& bridge, const net::HttpServer& server, std::vector<std::string> listening)
      : bridge_(bridge),
        service_(bridge.parts().clock, server, bridge.parts().workers, std::move(listening)) {}

  /// Called for each status, on the loop's thread: for what is not the engine's own.
  void also(std::function<void(Status&)> add) { also_.push_back(std::move(add)); }

  /// Cost: a question to the database on a pool's thread.  Errors: try_again when the pool's queue is full.
  net::Awaitable<Result<Status>> collect() const;

 private:
  const Bridge& bridge_;
  serve::ServiceStatusSource service_;
  std::vector<std::function<void(Status&)>> also_;
};

/// REQUIRES: `source` outlives the views.
std::vector<serve::LocalView> local_views(const StatusSource& source);

}  // namespace inxt::bridge
