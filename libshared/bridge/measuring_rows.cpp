// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/measuring_rows.h"

#include <algorithm>

#include "bridge/host_rows.h"
#include "bridge/probe_schedule.h"

namespace inxt::bridge {
namespace {

using database::Row;
using database::Rows;
using database::Transaction;

constexpr std::int64_t kDayS = 86400;

/// A probe that a paused Host did not answer counts neither for nor against it.
Result<Uptime> count_probe(Transaction& transaction, const HostId& host, bool answered, bool is_paused,
                           std::int64_t now_unix_s) {
  const auto hour = now_unix_s / kHourS;
  const std::int64_t yes = answered ? 1 : 0, no = answered || is_paused ? 0 : 1;
  TRY(
      transaction.execute("INSERT INTO host_probes (host, hour, answered, failed) VALUES ($1, $2, $3, $4) ON "
                          "CONFLICT (host, hour) DO UPDATE "
                          "SET answered = host_probes.answered + excluded.answered, failed = "
                          "host_probes.failed + excluded.failed",
                          {host, hour, yes, no}));
  TRY(transaction.execute("DELETE FROM host_probes WHERE host = $1 AND hour <= $2",
                          {host, hour - kUptimeHoursMax}));
  const Rows rows =
      TRY(transaction.query("SELECT hour, answered, failed FROM host_probes WHERE host = $1", {host}));
  std::vector<HourOfProbes> hours;
  hours.reserve(rows.size());
  for (const Row row : rows)
    hours.push_back({.hour = row.integer(0), .answered = row.integer(1), .failed = row.integer(2)});
  return uptime_of(hours, now_unix_s);
}

Result<void> save_audit(Transaction& transaction, const MeasureClaim& claim, bool passed,
                        std::int64_t now_unix_s) {
  const auto& host = claim.host.id();
  if (!passed) {
    TRY(
        transaction.execute("UPDATE host_measures SET audits_passed = 0, audits_failed = audits_failed + 1, "
                            "probe_piece = NULL, probe_bytes = NULL, probe_until = NULL WHERE host = $1",
                            {host}));
    return {};
  }
  const auto today = now_unix_s / kDayS;
  const std::int64_t counts = today != claim.audited_day ? 1 : 0;
  TRY(
      transaction.execute("UPDATE host_measures SET audits_passed = audits_passed + $2, "
                          "audits_passed_ever = audits_passed_ever + 1, audited_day = $3 WHERE host = $1",
                          {host, counts, today}));
  return {};
}

Result<void> save_speed(Transaction& transaction, const MeasureClaim& claim, const MeasureOutcome& outcome,
                        const MeasureIntervals& intervals, std::int64_t now_unix_s) {
  const auto& host = claim.host.id();
  if (!outcome.speed) {
    TRY(transaction.execute("UPDATE host_measures SET next_speed = $2 WHERE host = $1",
                            {host, now_unix_s + std::max(intervals.probe_s, intervals.speed_s / 8)}));
    return {};
  }
  const auto& speed = *outcome.speed;
  TRY(transaction.execute(
      "UPDATE host_measures SET next_speed = $2, up_bytes_per_s = $3, down_bytes_per_s = $4, "
      "probe_piece = $5, probe_bytes = $6, probe_until = $7 WHERE host = $1",
      {host, now_unix_s + intervals.speed_s, speed.up_bytes_per_s, speed.down_bytes_per_s, speed.piece,
       static_cast<std::int64_t>(speed.bytes), speed.until_unix_s}));
  return {};
}

/// Fit for any database and for the Host's operator: some of it may be the words of a stranger's resolver.
std::string reason_of(const MeasureOutcome& outcome) {
  std::string out = outcome.reason.substr(0, kReasonBytesMax);
  for (char& letter : out)
    if (letter < 0x20 || letter > 0x7e) letter = '.';
  return out.empty() ? "it took too long" : out;
}

}  // namespace

Result<std::vector<MeasureClaim>> claim_hosts(Transaction& transaction, std::int64_t now_unix_s,
                                              std::int64_t limit) {
  const Rows due = TRY(transaction.query(
      "SELECT host, next_speed, audited_day, probe_piece, probe_bytes, probe_until FROM host_measures "
      "WHERE next_probe <= $1 AND claimed_until <= $1 ORDER BY next_probe LIMIT $2 {skip_locked}",
      {now_unix_s, limit}));
  std::vector<MeasureClaim> out;
  const auto until = now_unix_s + kMeasureLeaseS;
  for (const Row row : due) {
    const auto id = row.id<HostId>(0);
    auto host = TRY(read_host(transaction, id));
    if (!host) continue;
    TRY(transaction.execute("UPDATE host_measures SET claimed_until = $2 WHERE host = $1", {id, until}));
    MeasureClaim claim;
    claim.host = *std::move(host);
    claim.claimed_until_unix_s = until;
    claim.next_speed_unix_s = row.integer(1);
    claim.audited_day = row.integer(2);
    if (!row.is_null(3))
      claim.probe = ProbePiece{.piece = row.id<PieceId>(3),
                               .bytes = static_cast<std::uint32_t>(row.integer(4)),
                               .until_unix_s = row.integer(5)};
    out.push_back(std::move(claim));
  }
  return out;
}

Result<std::optional<std::int64_t>> renew_claim(Transaction& transaction, const MeasureClaim& claim,
                                                std::int64_t now_unix_s) {
  const auto until = std::max(now_unix_s + kMeasureLeaseS, claim.claimed_until_unix_s);
  const auto kept = TRY(transaction.execute(
      "UPDATE host_measures SET claimed_until = $3 WHERE host = $1 AND claimed_until = $2",
      {claim.host.id(), claim.claimed_until_unix_s, until}));
  if (kept == 0) return std::nullopt;
  return until;
}

Result<bool> save_measures(Transaction& transaction, const MeasureClaim& claim, const MeasureOutcome& outcome,
                           const MeasureIntervals& intervals, std::int64_t now_unix_s, std::uint32_t random) {
  const auto& host = claim.host.id();
  const auto& before = claim.host.measured;
  const bool reached = outcome.reached.has_value();
  const ProbeHistory history{
      .was_reached = before.was_reached || reached,
      .failures = reached ? 0 : before.failures + 1,
      .last_answer_unix_s = reached ? now_unix_s : before.answered_unix_s,
      .has_beaten = claim.host.beat && claim.host.beat->received_unix_s >= before.probed_unix_s};
  const auto next = now_unix_s + next_probe_s(history, intervals.probe_s, now_unix_s, random);
  const auto kept = TRY(transaction.execute(
      "UPDATE host_measures SET claimed_until = 0, changed = $3, probed = $3, reachable = $4, was_reached = "
      "$5, "
      "answered = $6, failures = $7, next_probe = $8, reason = $9 WHERE host = $1 AND claimed_until = $2",
      {host, claim.claimed_until_unix_s, now_unix_s, static_cast<std::int64_t>(reached),
       static_cast<std::int64_t>(history.was_reached), history.last_answer_unix_s, history.failures, next,
       reached ? std::string() : reason_of(outcome)}));
  if (kept == 0) return false;
  if (reached)
    TRY(transaction.execute(
        "UPDATE host_measures SET address = $2, network = $3, rtt_us = $4 WHERE host = $1",
        {host, outcome.reached->address, outcome.network, outcome.reached->rtt_us}));
  if (outcome.audit) TRY(save_audit(transaction, claim, *outcome.audit, now_unix_s));
  if (outcome.speed_tried) TRY(save_speed(transaction, claim, outcome, intervals, now_unix_s));
  const auto uptime =
      TRY(count_probe(transaction, host, reached, is_paused(claim.host, now_unix_s), now_unix_s));
  TRY(transaction.execute(
      "UPDATE host_measures SET uptime_day = $2, uptime_week = $3, uptime_month = $4 WHERE host = $1",
      {host, uptime.day, uptime.week, uptime.month}));
  return true;
}

}  // namespace inxt::bridge
