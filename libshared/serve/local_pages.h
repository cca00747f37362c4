// SPDX-License-Identifier: LGPL-3.0-or-later
// What a daemon answers on this machine, over plain HTTP: to whoever may look at its local address (page,
// metrics, status; nothing there changes anything), and to its operator on the control socket in its folder,
// which also takes commands.  Manual: inxt-host(8), "Watching a Host" and "The control socket".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "net/http_server.h"
#include "serve/limits.h"
#include "serve/log.h"

namespace inxt::serve {

inline constexpr std::string_view kHtmlType = "text/html; charset=utf-8";
inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kTextType = "text/plain; charset=utf-8";
inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";  // Prometheus

/// GET `path`, here and on the control socket.  Every daemon has "/", "/metrics", "/status.json" and
/// "/status.txt".  The errors of `write` become refusals with the statuses of inxt-wire(7).
struct LocalView {
  std::string path;
  std::string_view type;  // a literal
  std::function<net::Awaitable<Result<std::string>>()> write;
};

/// POST `path` on the control socket.  `run` gets the body, a JSON object or nothing, and answers with a JSON
/// object; its errors become refusals with the statuses of inxt-wire(7).
struct ControlCommand {
  std::string path;  // "/drain"
  std::function<net::Awaitable<Result<std::string>>(std::string_view body)> run;
};

/// One thread: the server's executor.
class LocalPages : public net::Handler {
 public:
  /// REQUIRES: what the views use outlives this.
  explicit LocalPages(std::vector<LocalView> views) : views_(std::move(views)) {}
  net::Awaitable<void> handle(net::ServerRequest& request, net::ServerResponse& response) override;

  /// What every answer carries beside its own headers, those of the server included
  /// (HttpServer::set_refusal_headers).
  static std::vector<net::Header> safe_headers();

 private:
  const std::vector<LocalView> views_;
};

/// REQUIRES: everything that the commands use outlives this.
class ControlSocket final : public LocalPages {
 public:
  ControlSocket(std::vector<LocalView> views, std::vector<ControlCommand> commands, Log& log)
      : LocalPages(std::move(views)), commands_(std::move(commands)), log_(log) {}
  net::Awaitable<void> handle(net::ServerRequest& request, net::ServerResponse& response) override;

 private:
  const std::vector<ControlCommand> commands_;
  Log& log_;
};

}  // namespace inxt::serve
