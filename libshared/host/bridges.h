// SPDX-License-Identifier: LGPL-3.0-or-later
// The Bridges that a Host reports to.  Each has a task of its own, so that one that is away keeps none of the
// others waiting.  Manual: inxt-host(8), "Bridges".
#pragma once

#include <array>

#include "host/bridge_link.h"
#include "net/event.h"
#include "net/http_client.h"
#include "serve/background.h"

namespace inxt::host {

inline constexpr std::size_t kBridgesMax = 8;

struct BridgeSettings {
  std::vector<transfer::BridgePeer> bridges;  // at most kBridgesMax, each once
  format::Declared declared;
};

/// One thread: the executor's.
class Bridges {
 public:
  /// REQUIRES: host and server outlive it; the tasks have ended when it goes.
  Bridges(const net::Executor& executor, Host& host, const net::HttpServer& server);

  /// From now on these; one that is as before goes on as it was.
  void set(const BridgeSettings& settings);
  /// Begins the tasks.
  void start(serve::Background& background);
  /// What the Host plans has changed: a heartbeat says so as soon as each Bridge takes one.
  void tell_soon() { changed_.notify(); }
  /// In the order in which they were named.
  std::vector<BridgeStatus> status() const;

 private:
  net::Awaitable<void> run(std::size_t slot);
  net::Awaitable<void> until_replaced(std::size_t slot, std::shared_ptr<BridgeLink> link);

  Host& host_;
  const net::HttpServer& server_;
  net::HttpClient http_;
  net::Event changed_;
  std::array<std::shared_ptr<BridgeLink>, kBridgesMax> links_;
  std::vector<std::size_t> order_;  // slots, as they were named
};

}  // namespace inxt::host
