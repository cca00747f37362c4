// SPDX-License-Identifier: AGPL-3.0-or-later
// Any lines, signed as a Host's answer to a request: what makes a lie evidence.
#pragma once

#include "format/audit_lines.h"

namespace inxt::testing {

/// `lines`, with their newlines, and an answer line behind them.
inline std::string sign_as_answer(const crypto::SigningKey& key, const crypto::Hash& challenge,
                                  std::string_view body, std::uint64_t samples, const std::string& lines,
                                  std::int64_t time_unix_s) {
  format::AnswerLine answer;
  answer.challenge = challenge;
  answer.host.bytes = key.public_key();
  answer.request = crypto::sha256(view_of(body));
  answer.time_unix_s = time_unix_s;
  answer.proofs = samples;
  answer.hash = crypto::sha256(view_of(lines));
  return lines + format::sign_answer(answer, key);
}

}  // namespace inxt::testing
