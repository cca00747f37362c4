// SPDX-License-Identifier: LGPL-3.0-or-later
// The lines that a Host answered with, once it is sure that it signed every one of them for this very
// request. Format: inxt-proof(5), "Answer".
#pragma once

#include "format/audit_lines.h"

namespace inxt::transfer {

/// What the answer has to be signed for.
struct AnswerDue {
  HostId host;
  crypto::Hash challenge{};
  std::string_view body;                               // of the request
  std::size_t proofs = 0;                              // samples, or pieces that were looked up
  std::size_t lines = 0;                               // before the answer line
  std::size_t line_bytes_max = format::kLineBytesMax;  // with its newline
};

struct SignedAnswer {
  std::vector<std::string_view>
      lines;                     // without the answer line, each without its newline; of the answer's text
  std::int64_t time_unix_s = 0;  // by the Host's clock
};

/// Errors: integrity when it does not count as an answer of this Host to this request: no evidence then.
Result<SignedAnswer> open_answer(const AnswerDue& due, std::string_view answer);

}  // namespace inxt::transfer
