// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/page_writer.h"

#include <algorithm>

#include "base/encoding.h"
#include "serve/page_style.h"
#include "serve/show.h"

namespace inxt::serve {

std::string size_html(std::uint64_t bytes) {
  return fmt::format("<span title=\"{} bytes\">{}</span>", show_count(bytes), show_size(bytes));
}

std::string id_html(std::string_view hex) {
  return fmt::format("<code title=\"{}\">{}</code>", hex, show_id(hex));
}

void add_head(PageWriter& page, std::string_view noun, const std::string& hex, const ServiceStatus& status,
              std::span<const Notice> all) {
  page.add(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"refresh\" content=\"{}\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n<title>inxt {} {}: "
      "{}</title>\n<style>{}</style></head>\n<body>\n",
      kPageRefreshS, noun, show_id(hex), all.empty() ? "all is well" : level_name(all.front().level),
      kPageStyle);
  page.add("<header><h1>inxt {} {}</h1>\n", noun, id_html(hex));
  std::string where;
  for (const std::string& address : status.listening) where += (where.empty() ? "" : ", ") + html(address);
  page.add("<p class=\"quiet\">Up for <span title=\"since {}\">{}</span>, listening on {}, version {}</p>\n",
           show_time(status.started_unix_s), show_duration(status.uptime_s), where, html(status.version));
  page.raw("<ul class=\"state\">\n");
  if (all.empty()) page.raw("<li class=\"good\">All is well.</li>\n");
  for (const Notice& notice : all) {
    const std::string_view word = notice.level == Notice::Level::problem   ? "Problem: "
                                  : notice.level == Notice::Level::warning ? "Warning: "
                                                                           : "";
    page.add("<li class=\"{}\"><b>{}</b>{}</li>\n", level_name(notice.level), word, html(notice.text));
  }
  page.raw("</ul></header>\n<main>\n");
}

void add_requests(PageWriter& page, std::span<const std::string_view> words,
                  const RequestCounters& counters) {
  page.section("Requests");
  page.raw(
      "<table><thead><tr><th>What</th><th>All</th><th>Refused</th><th>Failed</th><th>Mean</th></tr></"
      "thead>\n<tbody>\n");
  std::size_t rows = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const RequestCounts& counts = counters.requests[i];
    if (counts.requests() == 0) continue;
    ++rows;
    page.add("<tr><td>{}</td><td>{}</td><td>{}</td><td{}>{}</td><td>{} ms</td></tr>\n", words[i],
             show_count(counts.requests()), show_count(counts.by_class[4]),
             counts.by_class[5] > 0 ? " class=\"bad\"" : "", show_count(counts.by_class[5]),
             show_count(counts.duration.sum_ms() / counts.requests()));
  }
  page.raw("</tbody></table>\n");
  if (rows == 0) page.raw("<p class=\"quiet\">None yet.</p>\n");
  page.end_section();
}

void add_peers(PageWriter& page, const ServiceStatus& status) {
  page.section("Connected peers", true);
  page.add("<p class=\"quiet\">{} connected, {} requests in work</p>\n",
           show_count(status.connections.connections_now), show_count(status.connections.requests_now));
  if (!status.peers.empty()) {
    page.raw(
        "<table><thead><tr><th>Peer</th><th>Requests</th><th>In</th><th>Out</th></tr></thead>\n<tbody>\n");
    for (std::size_t i = 0; i < std::min(kPeersOnPage, status.peers.size()); ++i) {
      const net::ConnectionInfo& peer = status.peers[i];
      page.add("<tr><td>{}<small>{}, {}{}</small></td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
               html(peer.address), peer.key ? id_html(to_hex(*peer.key)) : "no certificate",
               show_duration(peer.age.count() / 1000), peer.is_idle ? "" : ", in work",
               show_count(peer.requests), size_html(peer.bytes_in), size_html(peer.bytes_out));
    }
    page.raw("</tbody></table>\n");
    if (status.connections.connections_now > std::min(kPeersOnPage, status.peers.size()))
      page.add("<p class=\"quiet\">and {} more</p>\n",
               show_count(status.connections.connections_now - std::min(kPeersOnPage, status.peers.size())));
  }
  page.end_section();
}

void add_foot(PageWriter& page, const ServiceStatus& status) {
  page.add(
      "</main>\n<footer>As of {}; renewed every {} s. The same as <a href=\"/status.json\">JSON</a> and "
      "<a href=\"/metrics\">metrics</a>.</footer>\n</body></html>\n",
      show_time(status.time_unix_s), kPageRefreshS);
}

}  // namespace inxt::serve
