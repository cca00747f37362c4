// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/signed_answer.h"

#include <fmt/format.h>

namespace inxt::transfer {
namespace {

/// Without their newlines; at most `most` of them, and then one more for all that is left.
std::vector<std::string_view> lines_of(std::string_view text, std::size_t most) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() <= most) {
    const auto end = lines.size() == most ? text.npos : text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace

Result<SignedAnswer> open_answer(const AnswerDue& due, std::string_view answer) {
  const auto bad = [](std::string_view reason, std::string_view why) {
    return fail(Code::integrity, fmt::format("the answer does not count ({}): {}", reason, why));
  };
  const std::string_view text = answer.substr(0, answer.size() - (answer.ends_with('\n') ? 1 : 0));
  const auto last = text.rfind('\n') + 1;  // 0 where there is no other line
  const std::string_view proofs = text.substr(0, last);
  const auto signed_line = format::read_answer(text.substr(last), "its last line");
  if (!signed_line) return bad("answer-sig", signed_line.error().what);
  if (signed_line->host != due.host) return bad("answer-host", "another Host signed it");
  if (signed_line->challenge != due.challenge) return bad("answer-challenge", "it answers another challenge");
  if (signed_line->request != crypto::sha256(view_of(due.body)))
    return bad("answer-request", "it answers another request");
  auto lines = lines_of(proofs, due.lines);
  if (signed_line->proofs != due.proofs || lines.size() != due.lines)
    return bad("answer-proofs", fmt::format("it has not the {} proofs that were asked for", due.proofs));
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].size() >= due.line_bytes_max)
      return bad("answer-long",
                 fmt::format("line {} is longer than {} bytes ({})", i + 1, due.line_bytes_max,
                             due.line_bytes_max == format::kLineBytesMax ? "kLineBytesMax"
                                                                         : "kInventoryLineBytesMax"));
  if (signed_line->hash != crypto::sha256(view_of(proofs)))
    return bad("answer-hash", "other proofs were signed");
  return SignedAnswer{.lines = std::move(lines), .time_unix_s = signed_line->time_unix_s};
}

}  // namespace inxt::transfer
