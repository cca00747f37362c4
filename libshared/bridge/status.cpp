// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/status.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "bridge/routes.h"
#include "serve/metrics_writer.h"
#include "serve/page_writer.h"
#include "serve/show.h"
#include "serve/status_json.h"
#include "serve/status_lines.h"

namespace inxt::bridge {

namespace {

using serve::json_number;

constexpr std::string_view kPrefix = "inxt_bridge";

using Writer = std::string (*)(const Status& status);

net::Awaitable<Result<std::string>> write_status(const StatusSource& source, Writer writer) {
  CO_TRY(const Status status, co_await source.collect());
  co_return writer(status);
}

/// Nothing, or why the database does not answer.
std::string trouble_of(database::Database& database) {
  const auto ask = [](database::Transaction& transaction) -> Result<void> {
    TRY(transaction.query("SELECT 1"));
    return {};
  };
  const Result<void> answered = database.read(ask);
  return answered ? std::string() : answered.error().what;
}

}  // namespace

std::vector<serve::Notice> notices(const Status& status) {
  using Level = serve::Notice::Level;
  std::vector<serve::Notice> all;
  if (!status.database.trouble.empty())
    all.push_back({Level::problem, "the database does not answer: " + status.database.trouble});
  const sys::ProcessUse& use = status.process_use;
  if (serve::is_short_of_files(use))
    all.push_back({Level::warning, fmt::format("{} of at most {} files are open", show_count(use.open_files),
                                               show_count(use.open_files_max))});
  return all;
}

std::string status_json(const Status& status) {
  const database::Database::Counts& counts = status.database.counts;
  format::Json json;
  json["type"] = "bridge-status";
  json["bridge"] = to_hex(status.bridge);
  serve::add_service(json, status);
  json["notices"] = serve::notices_json(notices(status));
  json["database"] = {{"dialect", status.database.dialect},     {"answers", status.database.trouble.empty()},
                      {"commits", json_number(counts.commits)}, {"reads", json_number(counts.reads)},
                      {"repeats", json_number(counts.repeats)}, {"connects", json_number(counts.connects)},
                      {"unknown", json_number(counts.unknown)}};
  json["hosts"] = hosts_json(status.hosts);
  json["healer"] = healer_json(status.healer);
  json["requests"] = serve::requests_json(action_names(), status.counters);
  json["refused"] = serve::refused_json(status.counters);
  json["connections"] = serve::connections_json(status);
  json["workers"] = {{"queued", status.workers_queued}};
  json["process_use"] = serve::process_use_json(status);
  return format::write_compact(json) + "\n";
}

std::string status_text(const Status& status) {
  std::string text;
  serve::StatusLines out(text);
  const sys::ProcessUse& use = status.process_use;
  out.say("Bridge", to_hex(status.bridge));
  serve::say_running(out, status, notices(status));
  out.say("Database",
          fmt::format("{}: {} transactions written, {} read, {} repeated", status.database.dialect,
                      show_count(status.database.counts.commits), show_count(status.database.counts.reads),
                      show_count(status.database.counts.repeats)));
  say_hosts(out, status.hosts);
  say_healer(out, status.healer);
  serve::say_requests(out, status.counters);
  serve::say_peers(out, status);
  out.say("Process", fmt::format("{} of memory, {} of at most {} files open, {} jobs waiting",
                                 show_size(use.resident_bytes), show_count(use.open_files),
                                 show_count(use.open_files_max), show_count(status.workers_queued)));
  return text;
}

std::string metrics_text(const Status& status) {
  const database::Database::Counts& counts = status.database.counts;
  std::string text;
  serve::MetricsWriter out(text);
  out.gauge("inxt_bridge_database_up", "1 when the database answers.",
            status.database.trouble.empty() ? 1 : 0);
  out.counter("inxt_bridge_database_commits_total", "Transactions that wrote.", counts.commits);
  out.counter("inxt_bridge_database_reads_total", "Transactions that read.", counts.reads);
  out.counter("inxt_bridge_database_repeats_total", "Transactions that were run again.", counts.repeats);
  out.counter("inxt_bridge_database_unknown_total", "Commits whose outcome nobody knows.", counts.unknown);
  write_hosts(out, status.hosts);
  write_healer(out, status.healer);
  serve::write_requests(out, kPrefix, action_names(), status.counters);
  serve::write_traffic(out, kPrefix, status.connections);
  serve::write_connections(out, kPrefix, "Bridge", status.connections);
  out.gauge("inxt_bridge_workers_queued", "Jobs that wait for a thread of the database.",
            status.workers_queued);
  serve::write_process(out, kPrefix, "bridge", "Bridge", to_hex(status.bridge), status);
  return text;
}

std::string status_page(const Status& status) {
  const database::Database::Counts& counts = status.database.counts;
  const sys::ProcessUse& use = status.process_use;
  serve::PageWriter page;
  serve::add_head(page, "Bridge", to_hex(status.bridge), status, notices(status));
  page.section("Database");
  page.raw("<dl>\n");
  page.row("Kind", serve::html(status.database.dialect));
  page.row("Transactions written", show_count(counts.commits));
  page.row("Transactions read", show_count(counts.reads));
  page.row("Run again", show_count(counts.repeats));
  page.trouble("Of unknown outcome", counts.unknown);
  page.raw("</dl>\n");
  page.end_section();
  add_hosts(page, status.hosts);
  add_healer(page, status.healer);
  std::vector<std::string> words;
  for (const std::string_view name : action_names()) words.push_back(serve::html(serve::show_reason(name)));
  serve::add_requests(page, std::vector<std::string_view>(words.begin(), words.end()), status.counters);
  serve::add_peers(page, status);
  page.section("Process");
  page.raw("<dl>\n");
  page.row("Memory", serve::size_html(use.resident_bytes));
  page.row("Jobs waiting for the database", show_count(status.workers_queued));
  page.row("Open files", fmt::format("{} of {}", show_count(use.open_files), show_count(use.open_files_max)));
  page.row("Traffic in, out", fmt::format("{}, {}", serve::size_html(status.connections.bytes_in),
                                          serve::size_html(status.connections.bytes_out)));
  page.raw("</dl>\n");
  page.end_section();
  serve::add_foot(page, status);
  return page.take();
}

net::Awaitable<Result<Status>> StatusSource::collect() const {
  const Parts& parts = bridge_.parts();
  Status status;
  status.bridge = bridge_.id();
  service_.fill(status);
  status.addresses = bridge_.options().addresses;
  status.counters = bridge_.counters();
  for (const auto& add : also_) add(status);
  const Result<std::shared_ptr<const HostSnapshot>> hosts = co_await parts.directory.hosts().snapshot();
  if (hosts) status.hosts = hosts_status_of(**hosts, parts.directory, parts.clock.unix_s());
  const auto look = [&] {
    status.database.dialect = database::dialect_name(parts.database.dialect());
    status.database.trouble = trouble_of(parts.database);
    status.database.counts = parts.database.counts();
    status.process_use = sys::process_use();
  };
  CO_CHECK(co_await parts.workers.run(look));
  co_return status;
}

std::vector<serve::LocalView> local_views(const StatusSource& source) {
  const auto view = [&source](std::string path, std::string_view type, Writer writer) {
    return serve::LocalView{.path = std::move(path), .type = type, .write = [&source, writer] {
                              return write_status(source, writer);
                            }};
  };
  return {view("/", serve::kHtmlType, status_page), view("/metrics", serve::kMetricsType, metrics_text),
          view("/status.json", serve::kJsonType, status_json),
          view("/status.txt", serve::kTextType, status_text)};
}

}  // namespace inxt::bridge
