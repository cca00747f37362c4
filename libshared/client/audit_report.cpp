// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/audit_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace inxt::client {
namespace {

/// A Host makes contracts with itself, and ends them when it has seen what is asked.  Where nothing else was shown, it
/// shows nothing; and in a chain it chooses by each what is asked next, until the way leads past what it has not got.
bool releases_leave_doubt(const HostReport& report) {
  return report.released > 0 && (report.held == 0 || report.kind == format::AuditKind::chain);
}

/// Lateness is the auditor's word as silence is, but it does not take away what was shown.
proof::Tally tally_of(const HostReport& report) {
  const bool lied = report.heads == format::HeadFinding::equivocation;
  const bool in_doubt = (report.heads && !lied) || releases_leave_doubt(report);
  return {.failed = report.failed + (lied ? 1U : 0U),
          .unanswered = report.unanswered + (in_doubt ? 1U : 0U),
          .late = report.late,
          .unanchored = report.anchor.anchored ? 0U : 1U};
}

}  // namespace

proof::Verdict HostReport::verdict() const {
  return proof::verdict_of(tally_of(*this));
}

proof::Bound HostReport::bound() const {
  const auto of = stratum();
  if (blocks == 0) return {};
  return proof::bad_blocks_bound(of.blocks, of.samples, of.failures, confidence);
}

proof::Stratum HostReport::stratum() const {
  proof::Stratum out{.blocks = blocks,
                     .samples = samples - repeated,
                     .failures = failed + unanswered + released - repeated_bad};
  // Of a chain's unanswered samples, so many would have been blocks that were drawn before.
  const auto again = out.samples - std::min(out.samples, blocks);
  out.samples -= again;
  out.failures -= std::min(out.failures, again);
  return out;
}

HostReport report_of(const AuditTarget& target, std::uint64_t samples, double confidence) {
  HostReport report;
  report.host = target.host.id;
  report.kind = target.kind();
  report.commitment = target.commitment();
  report.confidence = confidence;
  report.pieces = target.pieces();
  report.bytes = target.bytes();
  report.blocks = target.blocks();
  if (target.evidence) report.heads = target.evidence->finding;
  report.samples = report.unanswered = samples;
  return report;
}

void add_outcome(HostReport& report, const SampleOutcome& sample) {
  --report.unanswered;
  if (sample.outcome == proof::Outcome::held) {
    ++report.held;
    return;
  }
  if (sample.outcome == proof::Outcome::released) {
    ++report.released;
    if (sample.released_by) ++report.released_by[*sample.released_by];
    if (report.reason.empty())
      report.reason = "it gave up what was asked for since it signed the head; a newer head can be asked about";
    return;
  }
  ++report.failed;
  if (sample.outcome == proof::Outcome::missing) ++report.missing;
  if (report.failures.size() < kFailuresNamedMax) report.failures.push_back(sample);
}

void add_testimony(HostReport& report, const format::TestimonyLine& testimony, std::uint64_t samples) {
  if (!report.asked_unix_s) report.asked_unix_s = testimony.time_unix_s;
  if (testimony.number > 1) ++report.retries;
  if (testimony.has_answer())
    report.latency_ms = std::max(report.latency_ms.value_or(0), testimony.elapsed_ms);
  else
    report.reason = testimony.reason;
  if (testimony.outcome == format::TryOutcome::late) report.late += samples;
}

Result<void> add_anchor(HostReport& report, const format::Beacon& beacon, const std::optional<Commit>& commit,
                        std::span<const HostId> required) {
  report.beacon = beacon.source;
  report.beacon_unix_s = beacon.time_unix_s;
  if (!commit) return {};
  report.commit_unix_s = commit->time_unix_s;
  std::vector<proof::WitnessWord> words;
  for (const auto& text : commit->witness_lines) {
    const auto line = TRY(format::read_witness(text, "witness"));
    if (line.hash != report.commitment) return fail(Code::integrity, "witness: hash: not the commitment (transcript-witness)");
    words.push_back({line.witness, line.time_unix_s});
  }
  if (beacon.source == format::BeaconSource::drand && commit->time_unix_s <= *beacon.time_unix_s) {
    auto seen_unix_s = commit->time_unix_s;
    for (const auto& word : words)
      if (word.time_unix_s <= *beacon.time_unix_s) seen_unix_s = std::max(seen_unix_s, word.time_unix_s);
    const auto first = format::first_round_at(beacon.chain, seen_unix_s + proof::kAnchorMarginS);
    report.rounds_passed_over = beacon.round > first ? beacon.round - first : 0;
  }
  report.anchor = proof::anchor_of(beacon.time_unix_s, commit->time_unix_s, words, report.host, required);
  return {};
}

std::uint64_t bytes_bad_max(const proof::Bound& bound, std::uint64_t bytes) {
  return std::min(bytes, bound.blocks_bad_max * proof::kBlockBytes);
}

void AuditTotal::add(const HostReport& report) {
  ++hosts;
  switch (report.verdict()) {
    case proof::Verdict::passed:
      ++hosts_passed;
      break;
    case proof::Verdict::failed:
      ++hosts_failed;
      break;
    case proof::Verdict::unreachable:
      ++hosts_unreachable;
      break;
    case proof::Verdict::late:
      ++hosts_late;
      break;
    case proof::Verdict::unanchored:
      ++hosts_unanchored;
      break;
  }
  pieces += report.pieces;
  bytes += report.bytes;
  blocks += report.blocks;
  samples += report.samples;
  held += report.held;
  failed += report.failed;
  missing += report.missing;
  unanswered += report.unanswered;
  released += report.released;
  late += report.late;
  repeated += report.repeated;
  anchored = anchored && report.anchor.anchored;
  beacon_given = beacon_given || report.beacon != format::BeaconSource::local;
  confidence = std::min(confidence, report.confidence);
  if (report.blocks > 0) strata.push_back(report.stratum());
}

proof::Verdict AuditTotal::verdict() const {
  return proof::verdict_of({.failed = hosts_failed,
                            .unanswered = hosts_unreachable,
                            .late = hosts_late,
                            .unanchored = hosts_unanchored});
}

proof::Bound AuditTotal::bound() const {
  if (strata.empty()) return {};
  return proof::bad_blocks_bound_of_all(strata, confidence);
}

}  // namespace inxt::client
