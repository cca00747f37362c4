// SPDX-License-Identifier: LGPL-3.0-or-later
// What an audit shows about a Host, and about all: the same from the network and from a transcript.
#pragma once

#include <map>

#include "client/audit_target.h"
#include "proof/total_bound.h"

namespace inxt::client {

inline constexpr std::size_t kFailuresNamedMax = 8;

struct SampleOutcome {
  PieceId piece;            // zeros where an inclusion does not lead to one
  std::uint64_t block = 0;  // of the piece
  proof::Outcome outcome = proof::Outcome::missing;
  std::optional<std::uint64_t> number = {};  // of the block in the inventory, where one was asked about
  std::optional<crypto::PublicKey> released_by = {};  // a Bridge, whose word that is
};

struct HostReport {
  HostId host;
  format::AuditKind kind = format::AuditKind::set;
  crypto::Hash commitment{};
  proof::Anchor anchor = {};
  format::BeaconSource beacon = format::BeaconSource::local;
  std::optional<std::int64_t> beacon_unix_s = {}, commit_unix_s = {};
  /// Rounds of drand that were young enough and were not used: whoever may choose a round may choose the questions.
  std::optional<std::uint64_t> rounds_passed_over = {};
  std::optional<format::DeadlineLine> deadline = {};  // none in a transcript of version 1
  double confidence = proof::kConfidenceDefault;
  std::uint64_t pieces = 0, bytes = 0, blocks = 0;
  std::uint64_t samples = 0;     // asked for in all: held + failed + unanswered + released
  std::uint64_t held = 0;
  std::uint64_t failed = 0;      // evidence: signed, and not what was stored
  std::uint64_t missing = 0;     // of the failed: the Host says itself that it has not got it
  std::uint64_t unanswered = 0;  // testimony
  std::uint64_t released = 0;    // given up since the inventory's head, as the Host showed; not there, for the bound
  std::map<crypto::PublicKey, std::uint64_t> released_by = {};  // of these, by Bridges' releases
  std::uint64_t late = 0;        // testimony: of all but the unanswered, those that were shown after the deadline
  /// Samples of a chain that had been drawn before, and how many of those are not held: they bound nothing.
  std::uint64_t repeated = 0, repeated_bad = 0;
  unsigned retries = 0;
  std::optional<std::uint64_t> latency_ms = {};       // of the slowest request that was answered
  std::optional<std::int64_t> asked_unix_s = {};      // the auditor's time of the first request
  std::optional<std::int64_t> answered_unix_s = {};   // the Host's time in its last answer
  std::vector<SampleOutcome> failures = {};           // the first kFailuresNamedMax
  std::optional<format::HeadFinding> heads = {};      // what is wrong with the Host's heads
  std::string reason = {};                            // why it did not answer; hostile text

  proof::Verdict verdict() const;
  proof::Bound bound() const;
  /// What the bound is made from.
  proof::Stratum stratum() const;
};

/// Begins with everything unanswered and nothing anchored.
HostReport report_of(const AuditTarget& target, std::uint64_t samples, double confidence);
/// Takes in what one sample showed.
void add_outcome(HostReport& report, const SampleOutcome& sample);
/// Takes in what came of one try to ask for `samples` samples.
void add_testimony(HostReport& report, const format::TestimonyLine& testimony, std::uint64_t samples);
/// Takes in what the times say; `commit` none for a transcript of version 1.
/// Errors: integrity for a witness line that is none, is about something else, or is not signed.
Result<void> add_anchor(HostReport& report, const format::Beacon& beacon, const std::optional<Commit>& commit,
                        std::span<const HostId> required);

/// The most bytes that the bad blocks of a bound can have, of `bytes` in all.
std::uint64_t bytes_bad_max(const proof::Bound& bound, std::uint64_t bytes);

/// All Hosts together.
struct AuditTotal {
  std::uint64_t hosts = 0, hosts_passed = 0, hosts_failed = 0, hosts_unreachable = 0, hosts_late = 0, hosts_unanchored = 0;
  std::uint64_t pieces = 0, bytes = 0, blocks = 0, samples = 0, held = 0, failed = 0, missing = 0, unanswered = 0;
  std::uint64_t released = 0, late = 0, repeated = 0;
  bool anchored = true;        // all were
  bool beacon_given = false;   // to one at least
  double confidence = 1;       // the least of all
  std::vector<proof::Stratum> strata = {};

  void add(const HostReport& report);
  /// REQUIRES: hosts > 0.
  proof::Verdict verdict() const;
  proof::Bound bound() const;
};

}  // namespace inxt::client
