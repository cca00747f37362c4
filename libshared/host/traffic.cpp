// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/traffic.h"

#include <nlohmann/json.hpp>

#include "serve/state_file.h"
#include "sys/local_time.h"

namespace inxt::host {

namespace {

using std::chrono::milliseconds;

format::Json json_of(const plan::MonthlyTraffic& traffic) {
  format::Json json;
  json["month"] = traffic.month().text();
  json["in_bytes"] = std::min(traffic.in_bytes(), format::kJsonIntegerMax);
  json["out_bytes"] = std::min(traffic.out_bytes(), format::kJsonIntegerMax);
  return json;
}

/// What is there is rounded into the month that it is now.
void count(Host& host, std::uint64_t in_bytes, std::uint64_t out_bytes) {
  host.traffic().count(in_bytes, out_bytes, sys::local_s(host.parts().clock.unix_s()));
}

}  // namespace

Result<void> load_traffic(Host& host, sys::Directory& directory) {
  const std::optional<format::Json> state = TRY(serve::read_state(directory, kTrafficFile));
  if (state) {
    const format::Fields fields(*state, std::string(kTrafficFile));
    const auto month = plan::Month::parse(TRY(fields.text("month", 16)));
    if (!month) return fields.bad("month", month.error().what);
    const std::uint64_t in_bytes = TRY(fields.integer("in_bytes"));
    host.traffic() = plan::MonthlyTraffic(*month, in_bytes, TRY(fields.integer("out_bytes")));
  }
  count(host, 0, 0);
  return {};
}

Result<void> save_traffic(Host& host, sys::Directory& directory) {
  return serve::write_state(directory, kTrafficFile, json_of(host.traffic()));
}

net::Awaitable<void> run_traffic(Host& host, sys::Directory& directory, const net::HttpServer& server) {
  const Parts& parts = host.parts();
  std::uint64_t in_bytes = 0, out_bytes = 0;  // of the server's counters, counted already
  std::int64_t written_at_ms = parts.clock.steady_ms();
  std::uint64_t written_bytes = host.traffic().bytes();
  for (;;) {
    const net::ServerCounters& counters = server.counters();
    count(host, counters.bytes_in - in_bytes, counters.bytes_out - out_bytes);
    in_bytes = counters.bytes_in;
    out_bytes = counters.bytes_out;
    const std::int64_t now_ms = parts.clock.steady_ms();
    if (host.traffic().bytes() != written_bytes && now_ms - written_at_ms >= kWriteTrafficEveryMs) {
      written_at_ms = now_ms;
      written_bytes = host.traffic().bytes();
      const format::Json json = json_of(host.traffic());
      const auto job = [&] { return serve::write_state(directory, kTrafficFile, json); };
      const Result<void> done = co_await parts.workers.run(job);
      if (!done) parts.log.write(LogLevel::error, "traffic-file", {{"reason", done.error().what}});
    }
    co_await net::sleep_for(milliseconds(kCountTrafficEveryMs));
  }
}

net::Awaitable<void> run_bandwidth(Host& host, net::Throttle& in, net::Throttle& out) {
  for (;;) {
    const std::int64_t local_now_s = sys::local_s(host.parts().clock.unix_s());
    const auto apply = [&](const plan::Timetable& timetable, net::Throttle& throttle) {
      const std::optional<std::uint64_t> rate = plan::rate_at(timetable, local_now_s);
      if (rate != throttle.rate()) throttle.set_rate(rate);
    };
    apply(host.options().rate_in, in);
    apply(host.options().rate_out, out);
    co_await net::sleep_for(milliseconds(1000));
  }
}

}  // namespace inxt::host
