// SPDX-License-Identifier: LGPL-3.0-or-later
// One Host's questions, in their order, and what its answers show.  Pure, and the same for an audit under way
// and for one out of a transcript: both drive this.  Format: inxt-proof(5), "Request" and "Answer".
#pragma once

#include <memory>

#include "client/audit_report.h"
#include "client/audit_target.h"

namespace inxt::client {

/// One request, and what an answer to it looks like.
struct AuditQuestion {
  std::string body;                // the request's exact bytes
  std::uint64_t samples = 0;       // 1 to kSamplesPerRequestMax
  std::uint64_t answer_lines = 0;  // with the answer line
  std::uint64_t answer_bytes = 0;  // of an honest answer, at most: for the deadline
  std::size_t line_bytes_max = format::kLineBytesMax;  // of a line of the answer, with its newline
};

/// One thread at a time.
class AuditQuestions {
 public:
  virtual ~AuditQuestions() = default;

  /// n, after it was clipped to what there is.
  virtual std::uint64_t samples() const = 0;
  /// The question that is open now; none when there is no more.  The first has the most samples.
  virtual std::optional<AuditQuestion> open() const = 0;
  /// Adds what a whole answer to the open question shows, and goes on to the next.  `received_unix_s`: by the auditor's
  /// clock.
  /// Errors: integrity when it does not count as an answer of this Host to this question: no evidence then.
  virtual Result<void> take_answer(std::string_view answer, std::int64_t received_unix_s, HostReport& report) = 0;
  /// The open question gets no answer.
  virtual void pass_over() = 0;
  /// The first line of an answer that does not count which its Host would hardly have signed; only to help a
  /// reader.
  virtual std::optional<std::size_t> odd_line(std::span<const std::string_view> lines) const = 0;
};

/// The questions to this target's Host that follow from the beacon.
/// Errors: usage when `samples` is out of range; integrity for what the target says of itself.
/// REQUIRES: the target outlives them.
Result<std::unique_ptr<AuditQuestions>> questions_about(const AuditTarget& target,
                                                        const proof::Beacon& beacon, std::uint64_t samples);

}  // namespace inxt::client
