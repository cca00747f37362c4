// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "format/json.h"
#include "host/bridge_show.h"
#include "serve/show.h"
#include "serve/status_json.h"

namespace inxt::host {

namespace {

using format::Json;
using serve::json_number;
using serve::json_text;

constexpr std::uint64_t kFreePercentMin = 5;      // of the capacity; less is worth a word
constexpr std::uint64_t kTrafficPercentMax = 90;  // of the month's limit

std::string pieces_text(std::uint64_t count) {
  return fmt::format("{} piece{}", show_count(count), count == 1 ? "" : "s");
}

Json store_json(const Status& status) {
  const store::Stats& stats = status.store;
  return {{"capacity_bytes", json_number(stats.capacity_bytes)},
          {"used_bytes", json_number(stats.used_bytes)},
          {"reserved_bytes", json_number(stats.reserved_bytes)},
          {"free_bytes", json_number(stats.free_bytes)},
          {"reserve_bytes", json_number(stats.reserve_bytes)},
          {"disk_free_bytes", json_number(stats.disk_free_bytes)},
          {"pieces", json_number(stats.pieces)},
          {"damaged", json_number(stats.damaged)},
          {"quarantined_pieces", json_number(stats.quarantined.pieces)},
          {"quarantined_bytes", json_number(stats.quarantined.bytes)},
          {"terms_unknown", json_number(stats.terms_unknown)},
          {"folders_listed", json_number(stats.folders_listed)},
          {"index_saved", stats.index_saved_unix_s},
          {"commits", json_number(stats.commits)},
          {"commit_groups", json_number(stats.commit_groups)},
          {"commits_grouped", json_number(stats.grouped)},
          {"disk_errors", json_number(stats.disk_errors)}};
}

Json audit_json(const AuditEntry& entry) {
  Json json;
  json["time"] = entry.time_unix_s;
  json["address"] = json_text(entry.address);
  if (entry.key) json["key"] = entry.key->hex();
  json["samples"] = entry.samples;
  json["not_here"] = entry.not_here;
  json["damaged"] = entry.damaged;
  json["unreadable"] = entry.unreadable;
  json["released"] = entry.released;
  json["kind"] = entry.kind;
  if (entry.piece) json["piece"] = entry.piece->hex();
  if (!entry.reason.empty()) json["reason"] = json_text(entry.reason);
  return json;
}

Json audits_json(const Status& status) {
  const AuditCounts& counts = status.counters.audits;
  Json json;
  json["passed"] = json_number(counts.passed);
  json["failed"] = json_number(counts.failed);
  json["samples_proved"] = json_number(counts.proved);
  json["samples_not_here"] = json_number(counts.not_here);
  json["samples_damaged"] = json_number(counts.damaged);
  json["samples_unreadable"] = json_number(counts.unreadable);
  json["samples_released"] = json_number(counts.released);
  json["answer_bytes"] = json_number(counts.answer_bytes);
  json["refused"] = json_number(counts.refused);
  json["latest"] = Json::array();
  for (const AuditEntry& entry : status.audits) json["latest"].push_back(audit_json(entry));
  json["troubled"] = Json::array();
  for (const AuditEntry& entry : status.troubled_audits) json["troubled"].push_back(audit_json(entry));
  return json;
}

Json traffic_json(const Status& status) {
  Json json;
  json["in_bytes"] = json_number(status.connections.bytes_in);
  json["out_bytes"] = json_number(status.connections.bytes_out);
  if (status.month) {
    Json month;
    month["month"] = status.month->month;
    month["in_bytes"] = json_number(status.month->in_bytes);
    month["out_bytes"] = json_number(status.month->out_bytes);
    if (status.month->limit_bytes) month["limit_bytes"] = json_number(*status.month->limit_bytes);
    json["month"] = std::move(month);
  }
  return json;
}

Json work_json(const Counters& counters) {
  return {{"stored_pieces", json_number(counters.stored_pieces)},
          {"stored_bytes", json_number(counters.stored_bytes)},
          {"deleted_pieces", json_number(counters.deleted_pieces)},
          {"released_contracts", json_number(counters.released_contracts)},
          {"renewed_contracts", json_number(counters.renewed_contracts)},
          {"reaped_pieces", json_number(counters.reaped_pieces)},
          {"reaped_bytes", json_number(counters.reaped_bytes)},
          {"scrubbed_pieces", json_number(counters.scrubbed_pieces)},
          {"scrubbed_bytes", json_number(counters.scrubbed_bytes)},
          {"scrub_damaged", json_number(counters.scrub_damaged)}};
}

Json transfers_json(const Counters& counters) {
  return {{"receipts", json_number(counters.transfers.receipts)},
          {"receipt_bytes", json_number(counters.transfers.bytes)},
          {"receipts_refused", json_number(counters.transfers.refused)}};
}

/// What the operator has asked for himself.
void add_absence_notices(std::vector<Notice>& all, const Status& status) {
  const auto say = [&](std::string what) { all.push_back({Notice::Level::note, std::move(what)}); };
  const PlannedAbsence& absence = status.absence;
  if (absence.retiring_unix_s != 0)
    say(fmt::format("retiring by {}: {} left, {}", serve::show_time(absence.retiring_unix_s),
                    pieces_text(status.store.pieces), show_size(status.store.used_bytes)));
  else if (status.is_draining)
    say("draining: no new pieces; reads, deletes and audits go on");
  if (absence.away_until_unix_s == 0) return;
  say(fmt::format("may be away until {}", serve::show_time(absence.away_until_unix_s)));
  for (const BridgeStatus& bridge : status.bridges)
    if (!bridge.is_told)
      say(fmt::format("Bridge {} has not heard of it", serve::show_id(to_hex(bridge.bridge))));
    else if (bridge.paused_until_unix_s < absence.away_until_unix_s)
      say(bridge.paused_until_unix_s == 0
              ? fmt::format("Bridge {} grants no pause: what it allows is used up",
                            serve::show_id(to_hex(bridge.bridge)))
              : fmt::format("Bridge {} grants the pause until {} only", serve::show_id(to_hex(bridge.bridge)),
                            serve::show_time(bridge.paused_until_unix_s)));
}

}  // namespace

std::vector<Notice> notices(const Status& status) {
  using enum Notice::Level;
  std::vector<Notice> all;
  const auto say = [&](Notice::Level level, std::string what) { all.push_back({level, std::move(what)}); };
  const store::Stats& stats = status.store;
  const AuditCounts& audits = status.counters.audits;
  if (stats.damaged > 0)
    say(problem,
        fmt::format("{} damaged: `inxt-host check --deep` names what is wrong", pieces_text(stats.damaged)));
  if (stats.quarantined.pieces > 0)
    say(problem,
        fmt::format("{} in the quarantine: their bytes have rotted", pieces_text(stats.quarantined.pieces)));
  if (audits.damaged + audits.unreadable > 0)
    say(problem, fmt::format("audits met {} damaged and {} unreadable samples: see the audits that failed",
                             show_count(audits.damaged), show_count(audits.unreadable)));
  if (stats.disk_errors > 0)
    say(warning, fmt::format("the disk refused {} times since the start: the log says what",
                             show_count(stats.disk_errors)));
  add_bridge_notices(all, status);
  if (status.move && !status.move->trouble.empty())
    say(warning,
        fmt::format("the move to {} waits: {}", json_text(status.move->to), json_text(status.move->trouble)));
  if (!status.is_draining &&
      serve::is_over(stats.capacity_bytes - std::min(stats.capacity_bytes, stats.free_bytes),
                     stats.capacity_bytes, 100 - kFreePercentMin))
    say(warning,
        fmt::format("{} of {} are free", show_size(stats.free_bytes), show_size(stats.capacity_bytes)));
  if (status.month && status.month->limit_bytes) {
    const std::uint64_t used = status.month->in_bytes + status.month->out_bytes;
    if (used >= *status.month->limit_bytes)
      say(warning, "the month's traffic is used up: no new pieces until the next month");
    else if (serve::is_over(used, *status.month->limit_bytes, kTrafficPercentMax))
      say(warning, fmt::format("{} of the month's {} of traffic are used", show_size(used),
                               show_size(*status.month->limit_bytes)));
  }
  const sys::ProcessUse& use = status.process_use;
  if (serve::is_short_of_files(use))
    say(warning, fmt::format("{} of at most {} files are open", show_count(use.open_files),
                             show_count(use.open_files_max)));
  if (stats.rebuilding)
    say(note, "the index is being rebuilt: pieces are served, new ones wait until it is done");
  if (status.move)
    say(note, fmt::format("the store moves to {}: {} % are done", json_text(status.move->to),
                          status.move->done_permille / 10));
  add_absence_notices(all, status);
  return all;
}

std::string status_json(const Status& status) {
  Json json;
  json["type"] = "status";
  json["host"] = status.host.hex();
  serve::add_service(json, status);
  json["rebuilding"] = status.store.rebuilding;
  json["draining"] = status.is_draining;
  if (status.absence.retiring_unix_s != 0) json["retiring"] = status.absence.retiring_unix_s;
  if (status.absence.away_until_unix_s != 0) json["away_until"] = status.absence.away_until_unix_s;
  json["capacity_bytes"] = json_number(status.store.capacity_bytes);
  json["free_bytes"] = json_number(status.store.free_bytes);
  json["notices"] = serve::notices_json(notices(status));
  json["store"] = store_json(status);
  json["ending"] = Json::array();
  for (const ContractsEnding& ending : status.ending)
    json["ending"].push_back({{"days", ending.days},
                              {"pieces", json_number(ending.pieces)},
                              {"bytes", json_number(ending.bytes)}});
  json["traffic"] = traffic_json(status);
  if (status.scrub)
    json["scrub"] = {{"period_s", status.scrub->period_s},
                     {"began", status.scrub->began_unix_s},
                     {"done_permille", status.scrub->done_permille},
                     {"due_permille", status.scrub->due_permille}};
  if (status.inventory)
    json["inventory"] = {{"head", status.inventory->head},
                         {"epoch", status.inventory->epoch},
                         {"time", status.inventory->time_unix_s},
                         {"pieces", json_number(status.inventory->pieces)},
                         {"bytes", json_number(status.inventory->bytes)},
                         {"made", json_number(status.inventory->made)},
                         {"released", json_number(status.inventory->released)}};
  if (status.move) {
    json["move"] = {{"to", json_text(status.move->to)},
                    {"moved_bytes", json_number(status.move->moved_bytes)},
                    {"done_permille", status.move->done_permille}};
    if (!status.move->trouble.empty()) json["move"]["trouble"] = json_text(status.move->trouble);
  }
  if (!status.bridges.empty()) json["bridges"] = bridges_json(status);
  json["work"] = work_json(status.counters);
  json["requests"] = serve::requests_json(kActionNames, status.counters);
  json["refused"] = serve::refused_json(status.counters);
  json["audits"] = audits_json(status);
  json["transfers"] = transfers_json(status.counters);
  json["connections"] = serve::connections_json(status);
  json["workers"] = {{"queued", status.workers_queued}};
  json["buffers"] = {{"used_bytes", status.buffers_used_bytes}, {"max_bytes", status.buffers_max_bytes}};
  json["process_use"] = serve::process_use_json(status);
  return format::write_compact(json) + "\n";
}

}  // namespace inxt::host
