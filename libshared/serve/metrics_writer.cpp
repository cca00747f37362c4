// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/metrics_writer.h"

#include <array>

namespace inxt::serve {

namespace {

std::string named(std::string_view prefix, std::string_view name) {
  return fmt::format("{}_{}", prefix, name);
}

}  // namespace

/// Thousandths as the whole that Prometheus wants: seconds from ms, "0.005".
std::string thousandths(std::uint64_t ms) {
  return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

std::string label_value(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '\\' || letter == '"') out += '\\';
    if (letter == '\n') {
      out += "\\n";
      continue;
    }
    out += letter;
  }
  return out;
}

void write_requests(MetricsWriter& out, std::string_view prefix, std::span<const std::string_view> actions,
                    const RequestCounters& counters) {
  out.family(named(prefix, "requests_total"), "counter",
             "Requests by what they wanted and the class of the answer; none: gone before an answer.");
  constexpr std::array<std::string_view, 6> kClasses{"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t i = 0; i < actions.size(); ++i)
    for (const std::size_t answer : {0, 2, 4, 5}) {
      const auto& by_class = counters.requests[i].by_class;
      const std::uint64_t beside = answer == 0 ? by_class[1] : answer == 2 ? by_class[3] : 0;
      out.sample(fmt::format("action=\"{}\",status=\"{}\"", actions[i], kClasses[answer]),
                 by_class[answer] + beside);
    }
  out.family(named(prefix, "request_duration_seconds"), "histogram",
             "Time from a request's head to the end of its answer.");
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const Histogram& histogram = counters.requests[i].duration;
    for (std::size_t bound = 0; bound <= Histogram::kBoundsMs.size(); ++bound) {
      const std::string le = bound < Histogram::kBoundsMs.size()
                                 ? thousandths(static_cast<std::uint64_t>(Histogram::kBoundsMs[bound]))
                                 : "+Inf";
      out.sample(fmt::format("action=\"{}\",le=\"{}\"", actions[i], le), histogram.at_most(bound), "_bucket");
    }
    const std::string action = fmt::format("action=\"{}\"", actions[i]);
    out.sample(action, thousandths(histogram.sum_ms()), "_sum");
    out.sample(action, histogram.count(), "_count");
  }
  out.family(named(prefix, "request_body_bytes_total"), "counter", "Bytes of the bodies of requests.");
  for (std::size_t i = 0; i < actions.size(); ++i)
    out.sample(fmt::format("action=\"{}\"", actions[i]), counters.requests[i].received_bytes);
  out.family(named(prefix, "answer_body_bytes_total"), "counter", "Bytes of the bodies of answers.");
  for (std::size_t i = 0; i < actions.size(); ++i)
    out.sample(fmt::format("action=\"{}\"", actions[i]), counters.requests[i].sent_bytes);
  out.family(named(prefix, "refused_total"), "counter",
             "Requests refused, by the limit that was reached or the kind of refusal.");
  for (const auto& [reason, count] : counters.refused)
    out.sample(fmt::format("reason=\"{}\"", label_value(reason)), count);
}

void write_traffic(MetricsWriter& out, std::string_view prefix, const net::ServerCounters& counters) {
  out.counter(named(prefix, "network_received_bytes_total"), "Bytes read from connections, TLS included.",
              counters.bytes_in);
  out.counter(named(prefix, "network_sent_bytes_total"), "Bytes written to connections, TLS included.",
              counters.bytes_out);
}

void write_connections(MetricsWriter& out, std::string_view prefix, std::string_view noun,
                       const net::ServerCounters& counters) {
  out.gauge(named(prefix, "connections"), "Connections now.", counters.connections_now);
  out.gauge(named(prefix, "handshakes"), "Connections that have not ended their TLS handshake.",
            counters.handshakes_now);
  out.gauge(named(prefix, "requests_in_work"), "Requests in work now.", counters.requests_now);
  out.counter(named(prefix, "connections_total"), "Connections accepted.", counters.connections);
  out.counter(named(prefix, "connections_refused_total"),
              fmt::format("Connections and requests turned away before the {}'s own rules.", noun),
              counters.refused);
  out.counter(named(prefix, "connections_shed_total"), "Connections closed to make room.", counters.shed);
}

void write_process(MetricsWriter& out, std::string_view prefix, std::string_view role, std::string_view noun,
                   std::string_view id, const ServiceStatus& status) {
  out.family(named(prefix, "info"), "gauge",
             fmt::format("Always 1; the labels say which {} and which version.", noun));
  out.sample(fmt::format("{}=\"{}\",version=\"{}\"", role, id, label_value(status.version)), 1);
  out.gauge(named(prefix, "uptime_seconds"), "Seconds since the start.", status.uptime_s);
  // By the names that every client library of Prometheus gives them.
  const sys::ProcessUse& use = status.process_use;
  out.gauge("process_start_time_seconds", "Start of the process, Unix time.", status.started_unix_s);
  out.one("process_cpu_seconds_total", "counter", "User and system CPU time.", thousandths(use.cpu_ms));
  out.gauge("process_resident_memory_bytes", "Resident memory.", use.resident_bytes);
  out.gauge("process_open_fds", "Open file descriptors.", use.open_files);
  out.gauge("process_max_fds", "Limit of open file descriptors.", use.open_files_max);
}

}  // namespace inxt::serve
