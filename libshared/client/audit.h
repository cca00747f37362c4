// SPDX-License-Identifier: LGPL-3.0-or-later
// Asks Hosts, several at once, to prove that they still hold what they should.  Needs no key and no data.
// Tool: inxt-audit(1).
#pragma once

#include <functional>

#include "client/audit_deadline.h"
#include "client/audit_report.h"
#include "client/audit_target.h"
#include "client/network.h"

namespace inxt::client {

inline constexpr unsigned kAuditJobsDefault = 12;
inline constexpr std::int64_t kAuditRetryPauseMs = 1000;
/// Transcript lines that wait for their turn; fewer Hosts are asked at once where they would take more.
inline constexpr std::uint64_t kTranscriptMemoryBytes = 40 * 1024 * 1024;

/// How much is asked of each Host.
struct AuditGoal {
  std::uint64_t samples = proof::kSamplesDefault;
  /// Instead: as many samples as find this part of damage, in millionths, with the confidence of the audit.
  std::optional<std::uint32_t> detect_ppm = {};
};

/// Samples that this goal takes of so many blocks, clipped to them.
/// Errors: usage when it takes more than proof::kSamplesMax.
Result<std::uint64_t> samples_for(const AuditGoal& goal, std::uint64_t blocks, std::uint32_t confidence_ppm,
                                  bool chained = false);

struct AuditOptions {
  AuditGoal goal = {};
  std::uint32_t confidence_ppm = 990'000;
  std::optional<format::Beacon> beacon = {};  // none: local randomness, and no Host's report is anchored
  std::vector<HostId> witnesses_required = {};
  DeadlineTerms deadline = {};
  unsigned jobs = kAuditJobsDefault;                // Hosts at once
  std::uint64_t silence_ms = kAuditSilenceMs;       // after which a request is given up
  std::int64_t retry_pause_ms = kAuditRetryPauseMs;
};

struct AuditCallbacks {
  /// Each Host's report, in the order of the targets.  An error ends the audit.
  std::function<Result<void>(const HostReport&)> on_host = {};
  /// Lines of the transcript in their order, with newlines; the last is the run's end.  An error ends the audit.
  std::function<Result<void>(std::string_view)> on_transcript = {};
  std::function<void(std::uint64_t bytes, unsigned hosts)> on_progress = {};
  std::function<bool()> stopped = {};  // true ends the audit with `failure`
};

/// A Host that fails, or does not answer, is no error.
/// Errors: usage for options out of range; those of the callbacks.
net::Awaitable<Result<AuditTotal>> audit(Network network, const std::vector<AuditTarget>& targets, AuditOptions options,
                                         AuditCallbacks callbacks);

}  // namespace inxt::client
