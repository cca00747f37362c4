// SPDX-License-Identifier: LGPL-3.0-or-later
// The members of a status' JSON that every daemon has.
#pragma once

#include <nlohmann/json.hpp>

#include "format/json.h"
#include "serve/service_status.h"

namespace inxt::serve {

/// Numbers in JSON are exact only so far.
std::uint64_t json_number(std::uint64_t value);
/// Text from outside.
std::string json_text(std::string_view value);

/// {"version", "process", "listening", "addresses", "page", "time", "started", "uptime_s"}, appended to
/// `json`.
void add_service(format::Json& json, const ServiceStatus& status);
format::Json notices_json(std::span<const Notice> notices);
/// One object for each action, by number.
format::Json requests_json(std::span<const std::string_view> actions, const RequestCounters& counters);
format::Json refused_json(const RequestCounters& counters);
format::Json connections_json(const ServiceStatus& status);
format::Json process_use_json(const ServiceStatus& status);

}  // namespace inxt::serve
