// SPDX-License-Identifier: AGPL-3.0-or-later
// Settings that change while the daemon runs: on SIGHUP.
#pragma once

#include "settings.h"

namespace inxt::tools {

class Reload {
 public:
  /// `settings` are those that the Bridge was started with.
  Reload(const cli::World& world, bridge::Bridge& bridge, net::HttpServer& server,
         serve::Addresses& addresses, Settings settings)
      : world_(world),
        bridge_(bridge),
        server_(server),
        addresses_(addresses),
        settings_(std::move(settings)) {}

  /// Reads the settings again.  All of them take effect, except those that need a restart, which are logged;
  /// or, when anything is off, none.  Errors: what is off, logged already.
  net::Awaitable<Result<void>> run();

 private:
  Result<Settings> read() const;  // on a thread of the pool
  void apply(Settings wanted);

  const cli::World& world_;
  bridge::Bridge& bridge_;
  net::HttpServer& server_;
  serve::Addresses& addresses_;
  Settings settings_;
};

}  // namespace inxt::tools
