// SPDX-License-Identifier: LGPL-3.0-or-later
// A daemon's two servers for this machine: the control socket in its folder, and the page where --local says.
#pragma once

#include <memory>
#include <optional>

#include "serve/local_pages.h"

namespace inxt::serve {

inline constexpr std::string_view kControlSocket = "control";  // in the folder

class LocalServers {
 public:
  /// Begins to serve when the loop runs.  `page_address`: of the page; none where empty.
  /// REQUIRES: what the views and the commands use outlives stop().
  /// Errors: those of HttpServer::listen and listen_unix.
  static Result<std::unique_ptr<LocalServers>> open(const net::Executor& executor, const std::string& folder,
                                                    const std::optional<std::string>& page_address,
                                                    std::vector<LocalView> views,
                                                    std::vector<ControlCommand> commands, Log& log);

  /// "127.0.0.1:4280" with the port that was bound; empty without a page.
  const std::string& page_address() const { return page_address_; }
  net::Awaitable<void> stop();

 private:
  LocalServers(const net::Executor& executor, std::vector<LocalView> views,
               std::vector<ControlCommand> commands, Log& log);

  ControlSocket control_;
  LocalPages pages_;
  net::HttpServer control_server_, page_server_;
  std::string page_address_;
};

}  // namespace inxt::serve
