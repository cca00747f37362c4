// SPDX-License-Identifier: LGPL-3.0-or-later
// The steps that the start and the end of every daemon share.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "net/event_loop.h"
#include "net/http_server.h"
#include "sys/service.h"

namespace inxt::serve {

/// Large buffers go back to the system when they are freed, whatever glibc would have learned from them.
void give_back_freed_memory();

/// Binds `addresses`, the values of --listen; sockets that a socket unit has bound take their place.  Gives
/// what is listened on, with ports.  Errors: those of HttpServer::listen and adopt, with the address.
Result<std::vector<std::string>> open_addresses(net::HttpServer& server,
                                                const std::vector<std::string>& addresses,
                                                std::vector<sys::InheritedSocket> inherited);

/// Stands before a handler that is made later than its server: addresses are bound first, because their ports
/// stand in the descriptor.
class Entrance final : public net::Handler {
 public:
  /// REQUIRES: before the loop runs for the first time; `to` outlives the server.
  void open(net::Handler& to) { to_ = &to; }
  net::Awaitable<void> handle(net::ServerRequest& request, net::ServerResponse& response) override {
    return to_->handle(request, response);
  }

 private:
  net::Handler* to_ = nullptr;
};

/// Until a signal ends it: its number.  SIGHUP calls `reload`, which has logged its own errors.
net::Awaitable<int> serve_until_signal(net::Signals& signals,
                                       std::function<net::Awaitable<Result<void>>()> reload);

/// The answer to a control command that has nothing to tell.
net::Awaitable<Result<std::string>> answer_done(net::Awaitable<Result<void>> work);

}  // namespace inxt::serve
