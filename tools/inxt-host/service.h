// SPDX-License-Identifier: AGPL-3.0-or-later
// The Host on one line, for its service manager.
#pragma once

#include "host/host.h"
#include "net/http_server.h"

namespace inxt::tools {

/// What `systemctl status` shows: "12 pieces, 3.2 MB of 500 GB; 2 connections".
std::string status_text(const host::Host& host, const net::HttpServer& server);

}  // namespace inxt::tools
