// SPDX-License-Identifier: LGPL-3.0-or-later
// How long an honest Host may take for an answer.  Pure.  Format: inxt-proof(5), "Deadline".
#pragma once

#include <optional>

#include "format/transcript_lines.h"

namespace inxt::client {

inline constexpr std::uint64_t kDiskMsDefault =
    25;  // two seeks of a turning disk: the block and its page of the tree
inline constexpr std::uint64_t kAnswerBytesPerSecondDefault = 128 * 1024;  // a slow honest uplink
inline constexpr std::uint64_t kAnswerSlackMs = 200;                       // a busy Host's loop
inline constexpr std::uint64_t kRoundTripsOfAnAnswer = 4;  // connection, TLS, request; and one to spare
/// A Host that answers slowly while it is measured gains no more than this.
inline constexpr std::uint64_t kRoundTripMsMax = 2000;
/// A whole answer must be there by then, or the Host is silent: what a Host that trickles can take at most.
inline constexpr std::uint64_t kAuditSilenceMs = 60'000;

/// What an auditor settles before it measures anything.
struct DeadlineTerms {
  std::uint64_t disk_ms = kDiskMsDefault;
  std::uint64_t bytes_per_s = kAnswerBytesPerSecondDefault;  // 1 or more
  std::optional<std::uint64_t> request_ms = {};              // this one, whatever is measured
};

/// kRoundTripsOfAnAnswer * rtt + samples * disk + bytes / rate + kAnswerSlackMs, rounded up, and at most
/// kAuditSilenceMs.
std::uint64_t measured_deadline_ms(std::uint64_t rtt_ms, std::uint64_t disk_ms, std::uint64_t bytes_per_s,
                                   std::uint64_t samples, std::uint64_t answer_bytes);

/// For requests of up to `samples` samples whose honest answers have up to `answer_bytes`; rtt_ms is none
/// where no round trip could be measured, and counts as kRoundTripMsMax at most.
format::DeadlineLine deadline_of(const DeadlineTerms& terms, std::optional<std::uint64_t> rtt_ms,
                                 std::uint64_t samples, std::uint64_t answer_bytes);

/// Whether a measured deadline is the one that its own numbers give.
bool follows(const format::DeadlineLine& line, std::uint64_t samples, std::uint64_t answer_bytes);

}  // namespace inxt::client
