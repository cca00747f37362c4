// SPDX-License-Identifier: LGPL-3.0-or-later
// The status for a person at a terminal.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/quantity.h"
#include "host/bridge_show.h"
#include "host/status.h"
#include "serve/show.h"
#include "serve/status_lines.h"

namespace inxt::host {

using serve::printable;
using serve::show_id;
using serve::show_time;
using Lines = serve::StatusLines;

namespace {

constexpr std::size_t kTroubledAuditsOfText = 5;

void say_traffic(Lines& out, const Status& status) {
  out.say("Traffic", fmt::format("{} in, {} out since the start", show_size(status.connections.bytes_in),
                                 show_size(status.connections.bytes_out)));
  if (!status.month) return;
  const std::uint64_t used = status.month->in_bytes + status.month->out_bytes;
  std::string line = fmt::format("{} in {}", show_size(used), status.month->month);
  if (status.month->limit_bytes) line += fmt::format(" of {}", show_size(*status.month->limit_bytes));
  out.say("", line);
}

void say_audits(Lines& out, const Status& status) {
  const AuditCounts& audits = status.counters.audits;
  out.say("Audits",
          fmt::format("{} passed, {} failed", show_count(audits.passed), show_count(audits.failed)));
  if (audits.refused > 0)
    out.say("", fmt::format("{} refused: their rate was used up", show_count(audits.refused)));
  if (audits.failed > 0)
    out.say("", fmt::format("samples: {} proved, {} damaged, {} unreadable, {} not here",
                            show_count(audits.proved), show_count(audits.damaged),
                            show_count(audits.unreadable), show_count(audits.not_here)));
  for (std::size_t i = 0; i < std::min(kTroubledAuditsOfText, status.troubled_audits.size()); ++i) {
    const AuditEntry& entry = status.troubled_audits[i];
    out.say("", fmt::format("{} {}; piece {}: {}", show_time(entry.time_unix_s), audit_result(entry),
                            entry.piece ? entry.piece->hex() : "", printable(entry.reason)));
  }
}

}  // namespace

std::string status_text(const Status& status) {
  std::string text;
  Lines out(text);
  out.say("Host", status.host.hex());
  serve::say_running(out, status, notices(status));

  const store::Stats& stats = status.store;
  out.say("Store",
          fmt::format("{} of {} used, {} free, {} pieces{}", show_size(stats.used_bytes),
                      show_size(stats.capacity_bytes), show_size(stats.free_bytes), show_count(stats.pieces),
                      stats.damaged > 0 ? fmt::format(", {} damaged", show_count(stats.damaged)) : ""));
  out.say("", fmt::format("{} free on the disk, index {}", show_size(stats.disk_free_bytes),
                          stats.rebuilding ? "being rebuilt" : "ready"));
  if (stats.quarantined.pieces > 0)
    out.say("", fmt::format("{} in the quarantine ({})", show_count(stats.quarantined.pieces),
                            show_size(stats.quarantined.bytes)));
  if (status.scrub && status.scrub->period_s > 0)
    out.say("Scrub", fmt::format("{:.1f} % of this pass read, {:.1f} % due",
                                 static_cast<double>(status.scrub->done_permille) / 10,
                                 static_cast<double>(status.scrub->due_permille) / 10));
  if (status.inventory)
    out.say("Inventory",
            fmt::format("head of {}: {} pieces, {}; {}", show_time(status.inventory->time_unix_s),
                        show_count(status.inventory->pieces), show_size(status.inventory->bytes),
                        show_id(status.inventory->head)));
  std::string ending;
  for (const ContractsEnding& within : status.ending)
    ending += fmt::format("{}{} ({}) in {} days", ending.empty() ? "" : ", ", show_count(within.pieces),
                          show_size(within.bytes), within.days);
  if (!ending.empty()) out.say("Ending", ending);
  say_bridges(out, status);
  say_traffic(out, status);
  serve::say_requests(out, status.counters);
  say_audits(out, status);
  serve::say_peers(out, status);
  out.say("Process",
          fmt::format("{} of memory, {} of at most {} files open, {} of {} buffers in use, {} jobs waiting",
                      show_size(status.process_use.resident_bytes), show_count(status.process_use.open_files),
                      show_count(status.process_use.open_files_max), show_size(status.buffers_used_bytes),
                      show_size(status.buffers_max_bytes), show_count(status.workers_queued)));
  return text;
}

}  // namespace inxt::host
