// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/audit_report.h"

#include <algorithm>

namespace inxt::client {

proof::Bound HostReport::bound() const {
  return proof::bad_blocks_bound(blocks, samples, failed + unanswered, confidence);
}

HostReport report_of(const HostId& host, const proof::AuditSet& set, std::uint64_t samples, bool anchored,
                     double confidence) {
  HostReport report;
  report.host = host;
  report.anchored = anchored;
  report.confidence = confidence;
  report.pieces = set.pieces().size();
  report.bytes = set.bytes();
  report.blocks = set.blocks();
  report.samples = report.unanswered = samples;
  return report;
}

void add_answer(HostReport& report, const proof::AuditSet& set, const AuditPart& part, const AuditAnswer& answer) {
  report.answered_unix_s = answer.time_unix_s;
  report.unanswered -= answer.outcomes.size();
  for (std::size_t i = 0; i < answer.outcomes.size(); ++i) {
    const auto outcome = answer.outcomes[i];
    if (outcome == proof::Outcome::held) {
      ++report.held;
      continue;
    }
    ++report.failed;
    if (outcome == proof::Outcome::missing) ++report.missing;
    if (report.failures.size() < kFailuresNamedMax)
      report.failures.push_back({set.piece(part.samples[i]).id, part.samples[i].block, outcome});
  }
}

void add_testimony(HostReport& report, const format::TestimonyLine& testimony) {
  if (testimony.number > 1) ++report.retries;
  if (testimony.outcome == format::TryOutcome::answered)
    report.latency_ms = std::max(report.latency_ms.value_or(0), testimony.elapsed_ms);
  else
    report.reason = testimony.reason;
}

void AuditTotal::add(const HostReport& report) {
  ++hosts;
  switch (report.verdict()) {
    case proof::Verdict::passed: ++hosts_passed; break;
    case proof::Verdict::failed: ++hosts_failed; break;
    case proof::Verdict::unreachable: ++hosts_unreachable; break;
  }
  pieces += report.pieces;
  bytes += report.bytes;
  blocks += report.blocks;
  samples += report.samples;
  held += report.held;
  failed += report.failed;
  missing += report.missing;
  unanswered += report.unanswered;
  anchored = anchored && report.anchored;
  confidence = std::min(confidence, report.confidence);
  strata.push_back({report.blocks, report.samples, report.failed + report.unanswered});
}

proof::Verdict AuditTotal::verdict() const {
  return proof::verdict_of(hosts_passed, hosts_failed, hosts_unreachable);
}

proof::Bound AuditTotal::bound() const { return proof::bad_blocks_bound_of_all(strata, confidence); }

}  // namespace inxt::client
