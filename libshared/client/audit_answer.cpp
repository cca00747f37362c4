// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/audit_answer.h"

#include <fmt/format.h>

#include <algorithm>

namespace inxt::client {
namespace {

constexpr std::uint64_t kPartSamples = proof::kSamplesPerRequestMax;

std::span<const proof::Sample> samples_of(const proof::Challenge& challenge, std::uint64_t number) {
  const std::span all(challenge.samples);
  const auto first = number * kPartSamples;
  return all.subspan(first, std::min<std::uint64_t>(kPartSamples, all.size() - first));
}

}  // namespace

proof::Outcome judge_proof(const proof::AuditSet& set, const proof::Sample& sample, std::string_view line) {
  auto read = format::read_proof(line, "proof");
  if (!read) return proof::Outcome::other_block;  // the Host signed something, and it is no proof of this block
  const proof::Proof shown{.piece = read->sample.piece,
                           .block = read->sample.block,
                           .missing = read->missing,
                           .size_bytes = read->size,
                           .data = std::move(read->data),
                           .path = std::move(read->path)};
  const auto& piece = set.piece(sample);
  return proof::verify(piece.id, piece.size_bytes, sample.block, shown);
}

std::uint64_t parts_of(const proof::Challenge& challenge) {
  return (challenge.samples.size() + kPartSamples - 1) / kPartSamples;
}

AuditPart audit_part(const proof::Challenge& challenge, const proof::AuditSet& set, std::uint64_t number) {
  const auto samples = samples_of(challenge, number);
  format::AuditRequest request{.challenge = challenge.hash, .samples = {}};
  request.samples.reserve(samples.size());
  for (const auto& sample : samples)
    request.samples.push_back({set.piece(sample).id, static_cast<std::uint32_t>(sample.block)});
  return {samples, format::write_request(request)};
}

Result<AuditAnswer> check_answer(const HostId& host, const proof::Challenge& challenge, const proof::AuditSet& set,
                                 const AuditPart& part, std::string_view answer) {
  const auto bad = [](std::string why) { return fail(Code::integrity, "the answer does not count: " + std::move(why)); };
  std::vector<std::string_view> lines;
  std::string_view rest = answer;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    if (lines.back().size() >= format::kLineBytesMax)
      return bad(fmt::format("line {} is longer than {} bytes (kLineBytesMax)", lines.size(), format::kLineBytesMax));
    if (lines.size() > part.samples.size() + 1) return bad("it has too many lines");
  }
  if (lines.size() <= part.samples.size())
    return bad(fmt::format("it has {} lines where {} are due", lines.size(), part.samples.size() + 1));

  // First that the Host signed all of it: only then is what it says of the blocks worth a look.
  const auto signed_line = TRY_IN("the answer does not count", format::read_answer(lines.back(), "its last line"));
  if (signed_line.host != host) return bad("another Host signed it");
  if (signed_line.challenge != challenge.hash) return bad("it answers another challenge");
  if (signed_line.request != crypto::sha256(view_of(part.body))) return bad("it answers another request");
  if (signed_line.proofs != part.samples.size()) return bad("it is signed for another number of proofs");
  const std::string_view proofs = answer.substr(0, static_cast<std::size_t>(lines.back().data() - answer.data()));
  if (signed_line.hash != crypto::sha256(view_of(proofs))) return bad("other proofs were signed");

  AuditAnswer out;
  out.time_unix_s = signed_line.time_unix_s;
  out.outcomes.reserve(part.samples.size());
  for (std::size_t i = 0; i < part.samples.size(); ++i) out.outcomes.push_back(judge_proof(set, part.samples[i], lines[i]));
  return out;
}

}  // namespace inxt::client
