// SPDX-License-Identifier: LGPL-3.0-or-later
// A daemon's status for a person at a terminal: the lines that every daemon has.
#pragma once

#include <fmt/format.h>

#include <iterator>
#include <span>
#include <string>

#include "serve/service_status.h"

namespace inxt::serve {

/// "Store       12.3 GB ...": a subject, then what follows it under one another.
class StatusLines {
 public:
  explicit StatusLines(std::string& to) : to_(to) {}
  void say(std::string_view subject, std::string_view line) {
    fmt::format_to(std::back_inserter(to_), "{:<12}{}\n", subject, line);
  }

 private:
  std::string& to_;
};

/// Running, Listening, Page, State.
void say_running(StatusLines& out, const ServiceStatus& status, std::span<const Notice> all);
void say_requests(StatusLines& out, const RequestCounters& counters);
void say_peers(StatusLines& out, const ServiceStatus& status);

}  // namespace inxt::serve
