// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/status_lines.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/quantity.h"
#include "serve/show.h"

namespace inxt::serve {

namespace {

constexpr std::size_t kPeersOfText = 10;

}  // namespace

void say_running(StatusLines& out, const ServiceStatus& status, std::span<const Notice> all) {
  out.say("Running", fmt::format("{}, since {}, version {}, process {}", show_duration(status.uptime_s),
                                 show_time(status.started_unix_s), status.version, status.process));
  out.say("Listening", fmt::format("{}", fmt::join(status.listening, " ")));
  if (!status.page.empty()) out.say("Page", fmt::format("http://{}/", status.page));
  if (all.empty()) out.say("State", "all is well");
  for (const Notice& notice : all)
    out.say(&notice == all.data() ? "State" : "",
            fmt::format("{}: {}", level_name(notice.level), notice.text));
}

void say_requests(StatusLines& out, const RequestCounters& counters) {
  std::uint64_t all = 0, good = 0;
  for (const RequestCounts& counts : counters.requests) {
    all += counts.requests();
    good += counts.by_class[2] + counts.by_class[3];
  }
  out.say("Requests",
          fmt::format("{}, {} of them answered with what was asked for", show_count(all), show_count(good)));
  std::string reasons;
  for (const auto& [reason, count] : counters.refused)
    reasons +=
        fmt::format("{}{} {}", reasons.empty() ? "refused: " : ", ", show_count(count), show_reason(reason));
  if (!reasons.empty()) out.say("", reasons);
}

void say_peers(StatusLines& out, const ServiceStatus& status) {
  out.say("Peers",
          fmt::format("{} connected, {} requests in work", show_count(status.connections.connections_now),
                      show_count(status.connections.requests_now)));
  for (std::size_t i = 0; i < std::min(kPeersOfText, status.peers.size()); ++i) {
    const net::ConnectionInfo& peer = status.peers[i];
    out.say("", fmt::format("{}{}{}, {} in, {} out", printable(peer.address), peer.key ? " " : "",
                            peer.key ? show_id(to_hex(*peer.key)) : "", show_size(peer.bytes_in),
                            show_size(peer.bytes_out)));
  }
}

}  // namespace inxt::serve
