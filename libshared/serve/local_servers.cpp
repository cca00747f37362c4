// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/local_servers.h"

#include <filesystem>

#include "format/escape.h"

namespace inxt::serve {

namespace {

constexpr std::chrono::milliseconds kStopGrace{500};

/// For a browser, a scraper and an operator; who opens more waits for the longest idle.
net::ServerLimits few() {
  net::ServerLimits limits;
  limits.connections_max = 32;
  limits.connections_per_address_max = 32;
  limits.requests_max = 8;
  return limits;
}

}  // namespace

LocalServers::LocalServers(const net::Executor& executor, std::vector<LocalView> views,
                           std::vector<ControlCommand> commands, Log& log)
    : control_(views, std::move(commands), log),
      pages_(std::move(views)),
      control_server_(executor, net::PlainHttp::on_loopback, control_, few()),
      page_server_(executor, net::PlainHttp::on_loopback, pages_, few()) {
  page_server_.set_refusal_headers(LocalPages::safe_headers());
}

Result<std::unique_ptr<LocalServers>> LocalServers::open(const net::Executor& executor,
                                                         const std::string& folder,
                                                         const std::optional<std::string>& page_address,
                                                         std::vector<LocalView> views,
                                                         std::vector<ControlCommand> commands, Log& log) {
  std::unique_ptr<LocalServers> servers(
      new LocalServers(executor, std::move(views), std::move(commands), log));
  const std::string control = folder + "/" + std::string(kControlSocket);
  std::error_code ignored;
  // An earlier process that moved its store has left a way to its own socket.
  if (std::filesystem::is_symlink(control, ignored)) std::filesystem::remove(control, ignored);
  TRY(servers->control_server_.listen_unix(control));
  if (page_address)
    servers->page_address_ =
        TRY_IN("--local " + format::escape(*page_address), servers->page_server_.listen(*page_address));
  return servers;
}

net::Awaitable<void> LocalServers::stop() {
  co_await page_server_.stop(kStopGrace);
  co_await control_server_.stop(kStopGrace);
}

}  // namespace inxt::serve
