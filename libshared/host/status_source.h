// SPDX-License-Identifier: LGPL-3.0-or-later
// Collects the status of a running Host.
#pragma once

#include <functional>

#include "host/host.h"
#include "host/status.h"

namespace inxt::host {

/// REQUIRES: host and server outlive this.
class StatusSource {
 public:
  /// REQUIRES: made when the Host starts to serve: uptime counts from here.
  StatusSource(Host& host, const net::HttpServer& server, std::vector<std::string> listening);

  /// Called for each status, on the loop's thread: for what is not the Host's own.
  void also(std::function<void(Status&)> add) { also_.push_back(std::move(add)); }

  /// Cost: a few ms of a pool's thread.  Errors: try_again when the pool's queue is full.
  net::Awaitable<Result<Status>> collect() const;

 private:
  Host& host_;
  serve::ServiceStatusSource service_;
  std::vector<std::function<void(Status&)>> also_;
};

}  // namespace inxt::host
