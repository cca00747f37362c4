// SPDX-License-Identifier: LGPL-3.0-or-later
// One request of an audit and what its answer shows.  Pure: the same for an answer that came just now and for one out of
// a transcript.  Format: inxt-proof(5), "Request" and "Answer".
#pragma once

#include "format/audit_lines.h"
#include "proof/challenge.h"
#include "proof/verdict.h"

namespace inxt::transfer {

/// A part of a challenge that is asked at once.
struct AuditPart {
  std::span<const proof::Sample> samples;  // 1 to kSamplesPerRequestMax
  std::string body;                        // the request's exact bytes
};

/// How many requests a challenge takes, and part `number` of it.  REQUIRES: number < parts_of(challenge).
std::uint64_t parts_of(const proof::Challenge& challenge);
AuditPart audit_part(const proof::Challenge& challenge, const proof::AuditSet& set, std::uint64_t number);

/// What one proof line shows of a sample, if its Host signed it; a line that is none shows malformed.
proof::Outcome judge_proof(const proof::AuditSet& set, const proof::Sample& sample, std::string_view line);

/// An answer that counts: the Host has signed every line of it.
struct AuditAnswer {
  std::vector<proof::Outcome> outcomes;  // of each sample, in order
  std::int64_t time_unix_s = 0;          // by the Host's clock
};

/// Errors: integrity when it does not count as an answer of this Host to this request: no evidence then.
/// Cost: a hash and a JSON line for each sample; 40 us.
Result<AuditAnswer> check_answer(const HostId& host, const proof::Challenge& challenge, const proof::AuditSet& set,
                                 const AuditPart& part, std::string_view answer);

}  // namespace inxt::transfer
