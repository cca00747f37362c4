// SPDX-License-Identifier: AGPL-3.0-or-later
// Settings that change while the daemon runs: on SIGHUP.
#pragma once

#include "host/host.h"
#include "settings.h"

namespace inxt::tools {

class Reload {
 public:
  /// `settings` are those that the Host was started with.
  Reload(const cli::World& world, host::Host& host, net::HttpServer& server, serve::Addresses& addresses,
         host::Bridges& bridges, Settings settings)
      : world_(world),
        host_(host),
        server_(server),
        addresses_(addresses),
        bridges_(bridges),
        settings_(std::move(settings)) {}

  /// Reads the settings again.  All of them take effect, except those that need a restart, which are logged;
  /// or, when anything is off, none: a typing error must not lock everybody out.  Errors: what is off, logged
  /// already.
  net::Awaitable<Result<void>> run();

  const Settings& settings() const { return settings_; }

 private:
  Result<Settings> read() const;  // on a thread of the pool
  void apply(Settings wanted);

  const cli::World& world_;
  host::Host& host_;
  net::HttpServer& server_;
  serve::Addresses& addresses_;
  host::Bridges& bridges_;
  Settings settings_;
};

}  // namespace inxt::tools
