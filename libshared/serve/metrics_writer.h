// SPDX-License-Identifier: LGPL-3.0-or-later
// Prometheus' text format 0.0.4, and the families that every daemon has.
#pragma once

#include <fmt/format.h>

#include <iterator>
#include <span>
#include <string>

#include "serve/service_status.h"

namespace inxt::serve {

/// Appends families one after another, each with its HELP and TYPE.
class MetricsWriter {
 public:
  explicit MetricsWriter(std::string& to) : to_(to) {}

  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(to_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  /// `labels` as they stand between the braces; empty for none.
  template <class Number>
  void sample(std::string_view labels, Number value, std::string_view suffix = {}) {
    fmt::format_to(std::back_inserter(to_), "{}{}{}{}{} {}\n", name_, suffix, labels.empty() ? "" : "{",
                   labels, labels.empty() ? "" : "}", value);
  }
  template <class Number>
  void one(std::string_view name, std::string_view type, std::string_view help, Number value) {
    family(name, type, help);
    sample({}, value);
  }
  template <class Number>
  void gauge(std::string_view name, std::string_view help, Number value) {
    one(name, "gauge", help, value);
  }
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    one(name, "counter", help, value);
  }

 private:
  std::string& to_;
  std::string name_;
};

/// Thousandths as the whole that Prometheus wants: seconds from ms, "0.005".
std::string thousandths(std::uint64_t ms);
std::string label_value(std::string_view text);

/// PREFIX_requests_total, PREFIX_request_duration_seconds and so on.  `prefix` is "inxt_host"; `actions`: the
/// names of actions by number; `noun`: "Host".  Every action has its series from the first answer on; a
/// reason for refusals appears with the first.
void write_requests(MetricsWriter& out, std::string_view prefix, std::span<const std::string_view> actions,
                    const RequestCounters& counters);
/// PREFIX_network_received_bytes_total and PREFIX_network_sent_bytes_total.
void write_traffic(MetricsWriter& out, std::string_view prefix, const net::ServerCounters& counters);
/// PREFIX_connections and its like.
void write_connections(MetricsWriter& out, std::string_view prefix, std::string_view noun,
                       const net::ServerCounters& counters);
/// PREFIX_info, with `role` ("host") as the label of `id`, PREFIX_uptime_seconds, process_...
void write_process(MetricsWriter& out, std::string_view prefix, std::string_view role, std::string_view noun,
                   std::string_view id, const ServiceStatus& status);

}  // namespace inxt::serve
