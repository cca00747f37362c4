// SPDX-License-Identifier: LGPL-3.0-or-later
// Beats and measures change every minute and are written by different parts of the Bridge, so they are rows
// of their own: neither makes the other wait.
#include <array>

#include "bridge/schema.h"

namespace inxt::bridge {

std::span<const database::SqlText> hosts_schema() {
  static constexpr std::array<database::SqlText, 16> kStatements{
      "CREATE TABLE hosts ("
      "host {blob} PRIMARY KEY CHECK (length(host) = 32), "
      "since {int64} NOT NULL, "    // registered first
      "changed {int64} NOT NULL, "  // this row
      "token {text} NOT NULL, "     // its newest descriptor
      "issued {int64} NOT NULL, "   // of that
      "operator_name {text} NOT NULL, "
      "domain {text} NOT NULL, "
      "region {text} NOT NULL, "
      "network {text} NOT NULL"  // that it registered from
      ") {strict}",
      "CREATE INDEX hosts_by_network ON hosts (network, since)",
      "CREATE INDEX hosts_by_change ON hosts (changed)",

      "CREATE TABLE host_beats ("
      "host {blob} PRIMARY KEY REFERENCES hosts ON DELETE CASCADE, "
      "counter {int64} NOT NULL, "
      "received {int64} NOT NULL, "
      "capacity_bytes {int64} NOT NULL, "
      "used_bytes {int64} NOT NULL, "
      "free_bytes {int64} NOT NULL, "
      "load_percent {int64} NOT NULL, "
      "in_bytes {int64} NOT NULL, "
      "out_bytes {int64} NOT NULL, "
      "started {int64} NOT NULL, "
      "software {text} NOT NULL, "
      "processors {int64} NOT NULL, "
      "memory_bytes {int64} NOT NULL, "
      "draining {int64} NOT NULL"
      ") {strict}",
      "CREATE INDEX host_beats_by_time ON host_beats (received)",

      // What the pieces of an account take there, as the Host says; a row is made when the account is vouched
      // for.
      "CREATE TABLE host_accounts ("
      "host {blob} NOT NULL REFERENCES hosts ON DELETE CASCADE, "
      "account {blob} NOT NULL CHECK (length(account) = 32), "
      "bytes {int64}, "     // NULL: it has said nothing yet
      "reported {int64}, "  // when
      "PRIMARY KEY (host, account)"
      ") {strict}",

      "CREATE TABLE host_measures ("
      "host {blob} PRIMARY KEY REFERENCES hosts ON DELETE CASCADE, "
      "changed {int64} NOT NULL, "
      "reachable {int64} NOT NULL, "
      "was_reached {int64} NOT NULL, "
      "address {text} NOT NULL, "
      "network {text} NOT NULL, "
      "probed {int64} NOT NULL, "
      "answered {int64} NOT NULL, "
      "failures {int64} NOT NULL, "
      "reason {text} NOT NULL, "  // why it was not reached at the last probe
      "rtt_us {int64}, "
      "up_bytes_per_s {int64}, "
      "down_bytes_per_s {int64}, "
      "uptime_day {int64}, "
      "uptime_week {int64}, "
      "uptime_month {int64}, "
      "audits_passed {int64} NOT NULL, "
      "audits_passed_ever {int64} NOT NULL, "
      "audits_failed {int64} NOT NULL, "
      "audited_day {int64} NOT NULL, "  // unix days: at most one audit a day counts as passed
      "next_probe {int64} NOT NULL, "
      "next_speed {int64} NOT NULL, "
      "claimed_until {int64} NOT NULL, "  // by the process that measures it now
      "probe_piece {blob}, "              // the piece of ours that it should hold,
      "probe_bytes {int64}, "
      "probe_until {int64}"  // and until when
      ") {strict}",
      "CREATE INDEX host_measures_by_turn ON host_measures (next_probe)",
      "CREATE INDEX host_measures_by_change ON host_measures (changed)",
      "CREATE INDEX host_measures_by_network ON host_measures (network)",

      "CREATE TABLE host_probes ("
      "host {blob} NOT NULL REFERENCES hosts ON DELETE CASCADE, "
      "hour {int64} NOT NULL, "
      "answered {int64} NOT NULL, "
      "failed {int64} NOT NULL, "
      "PRIMARY KEY (host, hour)"
      ") {strict}",

      "CREATE TABLE host_reports ("
      "host {blob} NOT NULL REFERENCES hosts ON DELETE CASCADE, "
      "piece {blob} NOT NULL CHECK (length(piece) = 32), "
      "account {blob} NOT NULL CHECK (length(account) = 32), "
      "what {text} NOT NULL, "
      "token {text} NOT NULL, "
      "received {int64} NOT NULL, "
      "PRIMARY KEY (host, piece, account, what)"
      ") {strict}",
      "CREATE INDEX host_reports_by_time ON host_reports (received)",
      "CREATE INDEX host_reports_by_piece ON host_reports (piece)",

      // A key that was given up for another: it registers no more.
      "CREATE TABLE host_successors ("
      "host {blob} PRIMARY KEY CHECK (length(host) = 32), "
      "successor {blob} NOT NULL CHECK (length(successor) = 32), "
      "named {int64} NOT NULL"  // when this Bridge heard of it
      ") {strict}",
      "CREATE INDEX host_successors_by_successor ON host_successors (successor)",
  };
  return kStatements;
}

}  // namespace inxt::bridge
