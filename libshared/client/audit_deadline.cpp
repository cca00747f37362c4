// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/audit_deadline.h"

#include <algorithm>

namespace inxt::client {

std::uint64_t measured_deadline_ms(std::uint64_t rtt_ms, std::uint64_t disk_ms, std::uint64_t bytes_per_s,
                                   std::uint64_t samples, std::uint64_t answer_bytes) {
  // No sum below overflows: a transcript's numbers are at most a day, samples 256, and answers some MiB.
  const auto transfer_ms = (answer_bytes * 1000 + bytes_per_s - 1) / bytes_per_s;
  return std::min(kRoundTripsOfAnAnswer * rtt_ms + samples * disk_ms + transfer_ms + kAnswerSlackMs,
                  kAuditSilenceMs);
}

format::DeadlineLine deadline_of(const DeadlineTerms& terms, std::optional<std::uint64_t> rtt_ms,
                                 std::uint64_t samples, std::uint64_t answer_bytes) {
  format::DeadlineLine out;
  out.rtt_ms = std::min(rtt_ms.value_or(kRoundTripMsMax), kRoundTripMsMax);
  out.disk_ms = terms.disk_ms;
  out.bytes_per_s = terms.bytes_per_s;
  out.given = terms.request_ms.has_value();
  out.request_ms = terms.request_ms.value_or(
      measured_deadline_ms(out.rtt_ms, out.disk_ms, out.bytes_per_s, samples, answer_bytes));
  return out;
}

bool follows(const format::DeadlineLine& line, std::uint64_t samples, std::uint64_t answer_bytes) {
  return line.given || (line.rtt_ms <= kRoundTripMsMax &&
                        line.request_ms == measured_deadline_ms(line.rtt_ms, line.disk_ms, line.bytes_per_s,
                                                                samples, answer_bytes));
}

}  // namespace inxt::client
