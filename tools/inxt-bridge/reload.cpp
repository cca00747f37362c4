// SPDX-License-Identifier: AGPL-3.0-or-later
#include "reload.h"

#include "cli/run.h"
#include "serve/reload.h"

namespace inxt::tools {

Result<Settings> Reload::read() const {
  BridgeOptions options;
  TRY(cli::read_settings_again(world_, [&](cli::Command& command) { declare(command, options); }));
  return read_settings(options);
}

void Reload::apply(Settings wanted) {
  for (const std::string_view name : needing_restart(settings_, wanted))
    bridge_.parts().log.write(serve::LogLevel::error, "restart-needed", {{"setting", std::string(name)}});
  wanted.terms.addresses = bridge_.options().addresses;
  bridge_.set_options(std::move(wanted.terms));
  bridge_.parts().directory.set_options(wanted.hosts);
  server_.set_limits(wanted.server);
  addresses_.set(std::move(wanted.addresses));
}

net::Awaitable<Result<void>> Reload::run() {
  return serve::reload<Settings>(
      bridge_.parts().workers, bridge_.parts().log, [this] { return read(); },
      [this](Settings wanted) { apply(std::move(wanted)); });
}

}  // namespace inxt::tools
