// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/quantity.h"
#include "host/bridge_show.h"
#include "serve/page_writer.h"
#include "serve/show.h"

namespace inxt::host {

using serve::html;
using serve::id_html;
using serve::printable;
using serve::show_reason;
using serve::show_time;
using serve::size_html;
using Page = serve::PageWriter;

namespace {

// Whatever is put between tags here is either made in this file, or went through html().

/// By Action: what people call it.
constexpr std::array<std::string_view, kActions> kActionWords{"Health",
                                                              "Descriptor",
                                                              "Store a piece",
                                                              "Read a piece",
                                                              "Look for a piece",
                                                              "Delete a piece",
                                                              "Read a contract",
                                                              "List contracts",
                                                              "Renew a contract",
                                                              "Audit",
                                                              "Inventory",
                                                              "Inventory heads",
                                                              "Audit the inventory",
                                                              "Look up in the inventory",
                                                              "Witness",
                                                              "Try to reach",
                                                              "Take a receipt",
                                                              "Release a contract",
                                                              "Not served"};
static_assert(!kActionWords.back().empty());

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "0 %"
                    : fmt::format("{:.0f} %", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

void add_store(Page& page, const Status& status) {
  const store::Stats& stats = status.store;
  page.section("Store");
  const double whole = std::max(1.0, static_cast<double>(stats.capacity_bytes));
  const double used = std::min(100.0, 100 * static_cast<double>(stats.used_bytes) / whole);
  const double held = std::min(100 - used, 100 * static_cast<double>(stats.reserved_bytes) / whole);
  const std::string share = percent(stats.used_bytes, stats.capacity_bytes);
  page.add(
      "<svg viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{} used\">"
      "<rect class=\"used\" width=\"{:.2f}\" height=\"1\"/><rect class=\"held\" x=\"{:.2f}\" "
      "width=\"{:.2f}\" "
      "height=\"1\"/></svg>\n<dl>\n",
      share, used, used, held);
  page.row("Used", fmt::format("{} of {} ({})", size_html(stats.used_bytes), size_html(stats.capacity_bytes), share));
  page.row("Free for new pieces", size_html(stats.free_bytes));
  if (stats.reserved_bytes > 0) page.row("Held for pieces that are arriving", size_html(stats.reserved_bytes));
  page.row("Pieces", show_count(stats.pieces));
  page.trouble("Damaged", stats.damaged);
  page.row("In the quarantine",
           stats.quarantined.pieces == 0
               ? "0"
               : fmt::format("{} ({})", show_count(stats.quarantined.pieces), size_html(stats.quarantined.bytes)),
           stats.quarantined.pieces > 0);
  page.row("Free on the disk", size_html(stats.disk_free_bytes));
  page.row("Index", stats.rebuilding ? fmt::format("{} read", percent(stats.folders_listed, store::kFolders))
                                     : "ready");
  if (status.scrub && status.scrub->period_s > 0)
    page.row("Scrub", fmt::format("<span title=\"{} due\">{} of this pass</span>",
                                  percent(status.scrub->due_permille, 1000),
                                  percent(status.scrub->done_permille, 1000)));
  if (status.move) page.row("Moving to " + html(status.move->to), percent(status.move->done_permille, 1000));
  page.raw("</dl>\n");
  page.end_section();
}

void add_contracts(Page& page, const Status& status) {
  page.section("Contracts ending");
  page.raw("<dl>\n");
  for (const ContractsEnding& ending : status.ending)
    page.row(fmt::format("Within {} days", ending.days),
             fmt::format("{} ({})", show_count(ending.pieces), size_html(ending.bytes)));
  if (status.store.terms_unknown > 0) page.row("Not read yet", show_count(status.store.terms_unknown));
  page.row("Stored since the start", fmt::format("{} ({})", show_count(status.counters.stored_pieces),
                                                 size_html(status.counters.stored_bytes)));
  page.row("Renewed", show_count(status.counters.renewed_contracts));
  page.row("Deleted by their owners", show_count(status.counters.deleted_pieces));
  page.row("Released, as others have them", show_count(status.counters.released_contracts));
  page.row("Removed after their end", fmt::format("{} ({})", show_count(status.counters.reaped_pieces),
                                                  size_html(status.counters.reaped_bytes)));
  page.raw("</dl>\n");
  page.end_section();
}

void add_traffic(Page& page, const Status& status) {
  page.section("Traffic");
  page.raw("<dl>\n");
  page.row("In, since the start", size_html(status.connections.bytes_in));
  page.row("Out, since the start", size_html(status.connections.bytes_out));
  if (status.month) {
    const MonthOfTraffic& month = *status.month;
    const std::uint64_t all = month.in_bytes + month.out_bytes;
    page.row(fmt::format("In {}", html(month.month)),
             month.limit_bytes ? fmt::format("{} of {} ({})", size_html(all), size_html(*month.limit_bytes),
                                             percent(all, *month.limit_bytes))
                               : size_html(all));
  }
  for (const auto& [reason, count] : status.counters.refused)
    page.row("Refused: " + html(show_reason(reason)), show_count(count));
  page.raw("</dl>\n");
  page.end_section();
}

void add_audit_table(Page& page, std::string_view title, const std::vector<AuditEntry>& entries) {
  page.add("<h3>{}</h3>\n<table class=\"words\"><tbody>\n", title);
  for (std::size_t i = 0; i < std::min(kAuditsOnPage, entries.size()); ++i) {
    const AuditEntry& entry = entries[i];
    page.add("<tr><td>{}<small>{}{}{}</small></td>", show_time(entry.time_unix_s), html(entry.address),
             entry.key ? ", " : "", entry.key ? id_html(entry.key->hex()) : "");
    if (entry.passed()) {
      page.add("<td class=\"well\">passed<small>{} sample{}</small></td></tr>\n", show_count(entry.samples),
               entry.samples == 1 ? "" : "s");
      continue;
    }
    page.add("<td class=\"bad\">{}<small>", html(audit_result(entry)));
    if (entry.piece) page.add("piece {}: ", id_html(entry.piece->hex()));
    page.add("{}</small></td></tr>\n", html(entry.reason));
  }
  page.raw("</tbody></table>\n");
}

void add_audits(Page& page, const Status& status) {
  const AuditCounts& counts = status.counters.audits;
  page.section("Audits", true);
  page.raw("<dl>\n");
  page.row("Passed", show_count(counts.passed));
  page.trouble("Failed", counts.failed);
  page.row("Samples proved", show_count(counts.proved));
  page.trouble("Samples damaged", counts.damaged);
  page.trouble("Samples unreadable", counts.unreadable);
  page.row("Samples of what is not here", show_count(counts.not_here));
  page.row("Answers", size_html(counts.answer_bytes));
  page.row("Refused by a rate", show_count(counts.refused));
  page.raw("</dl>\n");
  if (!status.troubled_audits.empty())
    add_audit_table(page, "Spoiled by this Host's disk", status.troubled_audits);
  if (!status.audits.empty()) add_audit_table(page, "Latest", status.audits);
  page.end_section();
}

void add_inventory(Page& page, const Status& status) {
  if (!status.inventory) return;
  page.section("Inventory");
  page.raw("<dl>\n");
  page.row("Latest head",
           fmt::format("{}, {}", show_time(status.inventory->time_unix_s), id_html(status.inventory->head)));
  page.row("Pieces", show_count(status.inventory->pieces));
  page.row("Bytes", size_html(status.inventory->bytes));
  page.row("Let go, but still listed", show_count(status.inventory->released));
  page.raw("</dl>\n");
  page.end_section();
}

void add_process(Page& page, const Status& status) {
  const sys::ProcessUse& use = status.process_use;
  page.section("Process");
  page.raw("<dl>\n");
  page.row("Memory", size_html(use.resident_bytes));
  page.row("Buffers in use",
           fmt::format("{} of {}", size_html(status.buffers_used_bytes), size_html(status.buffers_max_bytes)));
  page.row("Jobs waiting for the disk", show_count(status.workers_queued));
  page.row("Open files", fmt::format("{} of {}", show_count(use.open_files), show_count(use.open_files_max)));
  page.row("CPU time", fmt::format("{:.1f} s", static_cast<double>(use.cpu_ms) / 1000));
  page.row("Connections accepted", show_count(status.connections.connections));
  page.row("Connections refused or shed", show_count(status.connections.refused + status.connections.shed));
  page.raw("</dl>\n");
  page.end_section();
}

}  // namespace

std::string status_page(const Status& status) {
  Page page;
  serve::add_head(page, "Host", status.host.hex(), status, notices(status));
  add_store(page, status);
  add_contracts(page, status);
  add_traffic(page, status);
  serve::add_requests(page, kActionWords, status.counters);
  add_inventory(page, status);
  add_bridges(page, status);
  add_audits(page, status);
  serve::add_peers(page, status);
  add_process(page, status);
  serve::add_foot(page, status);
  return page.take();
}

}  // namespace inxt::host
