// SPDX-License-Identifier: AGPL-3.0-or-later
#include "reload.h"

#include "cli/run.h"
#include "serve/reload.h"

namespace inxt::tools {

Result<Settings> Reload::read() const {
  HostOptions options;
  TRY(cli::read_settings_again(world_, [&](cli::Command& command) { declare(command, options); }));
  return read_settings(options);
}

void Reload::apply(Settings wanted) {
  serve::Log& log = host_.parts().log;
  for (const std::string_view name : needing_restart(settings_, wanted))
    log.write(serve::LogLevel::error, "restart-needed", {{"setting", std::string(name)}});
  log.write(
      serve::LogLevel::info, "accept-list",
      {{"accounts", wanted.terms.accept.is_any() ? "any" : std::to_string(wanted.terms.accept.size())}});
  wanted.terms.limits.buffer_bytes_max = settings_.buffer_bytes_max;
  wanted.terms.addresses = host_.options().addresses;
  host_.set_options(wanted.terms);
  host_.parts().store.set_limits(wanted.capacity_bytes, wanted.reserve_bytes);
  server_.set_limits(wanted.server);
  addresses_.set(wanted.addresses);
  bridges_.set(wanted.bridges);
  settings_.capacity_bytes = wanted.capacity_bytes;
  settings_.accept_from = std::move(wanted.accept_from);
  settings_.terms = std::move(wanted.terms);
}

net::Awaitable<Result<void>> Reload::run() {
  return serve::reload<Settings>(
      host_.parts().workers, host_.parts().log, [this] { return read(); },
      [this](Settings wanted) { apply(std::move(wanted)); });
}

}  // namespace inxt::tools
