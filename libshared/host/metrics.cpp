// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/metrics.h"

#include <fmt/format.h>

#include "host/bridge_show.h"
#include "serve/metrics_writer.h"

namespace inxt::host {

namespace {

using serve::label_value;
using serve::thousandths;
using Writer = serve::MetricsWriter;

constexpr std::string_view kPrefix = "inxt_host";

void write_store(Writer& out, const Status& status) {
  const store::Stats& stats = status.store;
  out.gauge("inxt_host_store_capacity_bytes", "Bytes that pieces may take on the disk.",
            stats.capacity_bytes);
  out.gauge("inxt_host_store_used_bytes", "Bytes of the files of pieces.", stats.used_bytes);
  out.gauge("inxt_host_store_reserved_bytes", "Bytes set aside for pieces that are arriving.",
            stats.reserved_bytes);
  out.gauge("inxt_host_store_free_bytes", "Bytes that new pieces can still take.", stats.free_bytes);
  out.gauge("inxt_host_store_pieces", "Pieces that are stored whole.", stats.pieces);
  out.gauge("inxt_host_store_damaged_pieces", "Pieces found to be damaged, and still there.", stats.damaged);
  out.gauge("inxt_host_store_quarantined_pieces", "Pieces whose bytes have rotted, put aside.",
            stats.quarantined.pieces);
  out.gauge("inxt_host_store_quarantined_bytes", "Bytes of the files in the quarantine.",
            stats.quarantined.bytes);
  out.gauge("inxt_host_store_terms_unknown_pieces", "Pieces whose term has not been read yet.",
            stats.terms_unknown);
  out.gauge("inxt_host_disk_free_bytes", "Bytes free on the store's file system.", stats.disk_free_bytes);
  out.gauge("inxt_host_disk_reserve_bytes", "Bytes of the file system that pieces leave free.",
            stats.reserve_bytes);
  out.counter("inxt_host_disk_errors_total", "Reads, writes and syncs that the disk refused.",
              stats.disk_errors);
  out.counter("inxt_host_commits_total", "Pieces and renewals made durable.", stats.commits);
  out.counter("inxt_host_commit_groups_total", "Syncs that several commits shared.", stats.commit_groups);
  out.counter("inxt_host_commits_grouped_total", "Commits that shared their syncs.", stats.grouped);
  out.gauge("inxt_host_store_index_saved_timestamp_seconds",
            "When the index was last saved, Unix time; 0: not yet.", stats.index_saved_unix_s);
  out.gauge("inxt_host_store_index_ready", "1 when the index of the store is whole, 0 while it is rebuilt.",
            stats.rebuilding ? 0 : 1);
  out.gauge("inxt_host_draining", "1 while no new pieces are taken because the operator said so.",
            status.is_draining ? 1 : 0);
  out.gauge("inxt_host_retiring_timestamp_seconds", "When the Host wants to be gone, Unix time; 0: it stays.",
            status.absence.retiring_unix_s);
  out.gauge("inxt_host_away_until_timestamp_seconds",
            "Until when the Host may be away, Unix time; 0: no such plan.", status.absence.away_until_unix_s);
  if (status.scrub) {
    out.gauge("inxt_host_scrub_period_seconds", "Time in which the scrub reads everything; 0: it is off.",
              status.scrub->period_s);
    out.gauge("inxt_host_scrub_done_ratio", "Part of this pass of the scrub that is done.",
              thousandths(status.scrub->done_permille));
    out.gauge("inxt_host_scrub_due_ratio", "Part of this pass of the scrub that should be done by now.",
              thousandths(status.scrub->due_permille));
  }
  if (status.move)
    out.gauge("inxt_host_move_done_ratio", "Part of the move to another disk that is done.",
              thousandths(status.move->done_permille));
  if (!status.ending.empty()) {
    out.family("inxt_host_contracts_ending", "gauge", "Contracts that end within so many days from now.");
    for (const ContractsEnding& ending : status.ending)
      out.sample(fmt::format("within_days=\"{}\"", ending.days), ending.pieces);
    out.family("inxt_host_contracts_ending_bytes", "gauge",
               "Bytes of the files of contracts that end within so many days from now.");
    for (const ContractsEnding& ending : status.ending)
      out.sample(fmt::format("within_days=\"{}\"", ending.days), ending.bytes);
  }
}

void write_work(Writer& out, const Counters& counters) {
  out.counter("inxt_host_stored_pieces_total", "Pieces stored.", counters.stored_pieces);
  out.counter("inxt_host_stored_bytes_total", "Bytes of the pieces stored.", counters.stored_bytes);
  out.counter("inxt_host_deleted_pieces_total", "Pieces deleted on their owners' orders.",
              counters.deleted_pieces);
  out.counter("inxt_host_released_contracts_total",
              "Contracts that Bridges ended, because other Hosts have the pieces.",
              counters.released_contracts);
  out.counter("inxt_host_renewed_contracts_total", "Contracts renewed.", counters.renewed_contracts);
  out.counter("inxt_host_reaped_pieces_total", "Pieces removed because their terms were over.",
              counters.reaped_pieces);
  out.counter("inxt_host_reaped_bytes_total", "Bytes freed by removing pieces whose terms were over.",
              counters.reaped_bytes);
  out.counter("inxt_host_scrubbed_pieces_total", "Pieces that the scrub has read.", counters.scrubbed_pieces);
  out.counter("inxt_host_scrubbed_bytes_total", "Bytes that the scrub has read.", counters.scrubbed_bytes);
  out.counter("inxt_host_scrub_damaged_pieces_total", "Pieces that the scrub found to be damaged.",
              counters.scrub_damaged);
}

void write_audits(Writer& out, const AuditCounts& audits) {
  out.family("inxt_host_audits_total", "counter", "Audits answered; failed: a sample could not be proved.");
  out.sample("result=\"passed\"", audits.passed);
  out.sample("result=\"failed\"", audits.failed);
  out.family("inxt_host_audit_samples_total", "counter",
             "Samples of audits; not_here: anybody may ask for what never was here.");
  out.sample("result=\"proved\"", audits.proved);
  out.sample("result=\"not_here\"", audits.not_here);
  out.sample("result=\"damaged\"", audits.damaged);
  out.sample("result=\"unreadable\"", audits.unreadable);
  out.sample("result=\"released\"", audits.released);
  out.counter("inxt_host_audit_answer_bytes_total", "Bytes of answers to audits.", audits.answer_bytes);
  out.counter("inxt_host_audits_refused_total", "Audits refused because a rate was used up.", audits.refused);
}

void write_records(Writer& out, const Status& status) {
  const TransferCounts& transfers = status.counters.transfers;
  out.counter("inxt_host_transfer_receipts_total", "Readers' receipts for what they were served.",
              transfers.receipts);
  out.counter("inxt_host_transfer_receipt_bytes_total", "Bytes that readers' receipts are about.",
              transfers.bytes);
  out.counter("inxt_host_transfer_receipts_refused_total", "Receipts about what was not served.",
              transfers.refused);
  out.counter("inxt_host_records_lost_total", "Records of audits and transfers that the disk did not take.",
              status.records_lost);
  out.gauge("inxt_host_audit_bytes_left", "Bytes that answers to audits may still take now.",
            status.audit_bytes_left);
}

void write_network(Writer& out, const Status& status) {
  serve::write_traffic(out, kPrefix, status.connections);
  if (status.month) {
    out.family("inxt_host_month_traffic_bytes", "gauge", "Bytes of this calendar month.");
    out.sample("direction=\"in\"", status.month->in_bytes);
    out.sample("direction=\"out\"", status.month->out_bytes);
    if (status.month->limit_bytes)
      out.gauge("inxt_host_month_traffic_limit_bytes", "What both directions together may reach in a month.",
                *status.month->limit_bytes);
  }
  serve::write_connections(out, kPrefix, "Host", status.connections);
}

void write_inventory(Writer& out, const Status& status) {
  if (!status.inventory) return;
  out.counter("inxt_host_inventory_heads_total", "Heads of the inventory that were made.",
              status.inventory->made);
  out.gauge("inxt_host_inventory_head_time_seconds", "When the latest head was made, Unix time.",
            status.inventory->time_unix_s);
  out.gauge("inxt_host_inventory_pieces", "Pieces that the latest head lists.", status.inventory->pieces);
  out.gauge("inxt_host_inventory_released", "Contracts that were let go and that a head may still list.",
            status.inventory->released);
}

void write_process(Writer& out, const Status& status) {
  out.gauge("inxt_host_workers_queued", "Jobs that wait for a thread of the disk.", status.workers_queued);
  out.gauge("inxt_host_buffers_used_bytes", "Memory for pieces and answers under way.",
            status.buffers_used_bytes);
  out.gauge("inxt_host_buffers_max_bytes", "Limit of the memory for pieces and answers under way.",
            status.buffers_max_bytes);
  serve::write_process(out, kPrefix, "host", "Host", status.host.hex(), status);
}

}  // namespace

std::string metrics_text(const Status& status) {
  std::string text;
  Writer out(text);
  write_store(out, status);
  write_work(out, status.counters);
  serve::write_requests(out, kPrefix, kActionNames, status.counters);
  write_audits(out, status.counters.audits);
  write_records(out, status);
  write_inventory(out, status);
  write_bridges(out, status);
  write_network(out, status);
  write_process(out, status);
  return text;
}

}  // namespace inxt::host
