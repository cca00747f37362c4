// SPDX-License-Identifier: LGPL-3.0-or-later
// What an audit shows about a Host, and about all: the same from the network and from a transcript.
#pragma once

#include "client/audit_answer.h"
#include "format/transcript_lines.h"
#include "proof/total_bound.h"

namespace inxt::client {

inline constexpr std::size_t kFailuresNamedMax = 8;

struct SampleFailure {
  PieceId piece;
  std::uint64_t block = 0;
  proof::Outcome outcome = proof::Outcome::missing;
};

struct HostReport {
  HostId host;
  bool anchored = false;
  double confidence = proof::kConfidenceDefault;
  std::uint64_t pieces = 0, bytes = 0, blocks = 0;
  std::uint64_t samples = 0;     // asked for in all: held + failed + unanswered
  std::uint64_t held = 0;
  std::uint64_t failed = 0;      // evidence: signed, and not what was stored
  std::uint64_t missing = 0;     // of the failed: the Host says itself that it has not got it
  std::uint64_t unanswered = 0;  // testimony
  unsigned retries = 0;
  std::optional<std::uint64_t> latency_ms;   // of the slowest request that was answered
  std::optional<std::int64_t> answered_unix_s;  // the Host's time in its last answer
  std::vector<SampleFailure> failures;       // the first kFailuresNamedMax
  std::string reason;                        // why it did not answer; hostile text

  proof::Verdict verdict() const { return proof::verdict_of(held, failed, unanswered); }
  proof::Bound bound() const;
};

/// Begins with everything unanswered.
HostReport report_of(const HostId& host, const proof::AuditSet& set, std::uint64_t samples, bool anchored,
                     double confidence);
/// Takes in one answer.
void add_answer(HostReport& report, const proof::AuditSet& set, const AuditPart& part, const AuditAnswer& answer);
/// Takes in what came of one try.
void add_testimony(HostReport& report, const format::TestimonyLine& testimony);

/// All Hosts together.
struct AuditTotal {
  std::uint64_t hosts = 0, hosts_passed = 0, hosts_failed = 0, hosts_unreachable = 0;
  std::uint64_t pieces = 0, bytes = 0, blocks = 0, samples = 0, held = 0, failed = 0, missing = 0, unanswered = 0;
  bool anchored = true;  // all were
  double confidence = 1;  // the least of all
  std::vector<proof::Stratum> strata;

  void add(const HostReport& report);
  /// REQUIRES: hosts > 0.
  proof::Verdict verdict() const;
  proof::Bound bound() const;
};

}  // namespace inxt::client
