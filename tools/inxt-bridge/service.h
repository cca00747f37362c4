// SPDX-License-Identifier: AGPL-3.0-or-later
// The Bridge on one line, for its service manager.
#pragma once

#include <string>

#include "net/http_server.h"

namespace inxt::tools {

/// What `systemctl status` shows: "3,141 requests; 2 connections".
std::string status_text(const net::HttpServer& server);

}  // namespace inxt::tools
