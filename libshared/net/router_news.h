// SPDX-License-Identifier: LGPL-3.0-or-later
// What a router tells all its neighbours: that it has started anew or has another outside address (RFC 6886,
// "Announcing Address Changes").
#pragma once

#include <memory>
#include <string>

#include "net/async.h"

namespace inxt::net {

/// One thread.  Anybody in the local network can send such news: they are a reason to ask the router, and
/// nothing else.
class RouterNews {
 public:
  /// Hears nothing where another program has the port for itself.
  explicit RouterNews(const Executor& executor);
  ~RouterNews();
  RouterNews(const RouterNews&) = delete;
  RouterNews& operator=(const RouterNews&) = delete;

  bool hears() const;
  /// Resumes at the next news; the IP address that they came from.  REQUIRES: hears().
  Awaitable<std::string> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inxt::net
