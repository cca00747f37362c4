// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/audit_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "transfer/signed_answer.h"
#include "proof/verify_pair.h"

namespace inxt::transfer {
namespace {

constexpr std::uint64_t kPartSamples = proof::kSamplesPerRequestMax;

std::span<const proof::Sample> samples_of(const proof::Challenge& challenge, std::uint64_t number) {
  const std::span all(challenge.samples);
  const auto first = number * kPartSamples;
  return all.subspan(first, std::min<std::uint64_t>(kPartSamples, all.size() - first));
}

/// Nothing for a line that is no proof: the Host signed something, but nothing about this block.
std::optional<proof::Proof> proof_in(std::string_view line) {
  auto read = format::read_proof(line, "proof");
  if (!read) return std::nullopt;
  return proof::Proof{.piece = read->sample.piece,
                      .block = read->sample.block,
                      .missing = read->missing,
                      .size_bytes = read->size,
                      .data = std::move(read->data),
                      .path = std::move(read->path)};
}

/// judge_proof of two lines in nearly the time of one.
std::array<proof::Outcome, 2> judge_two(const proof::AuditSet& set, std::span<const proof::Sample> samples,
                                        std::span<const std::string_view> lines) {
  const auto a = proof_in(lines[0]), b = proof_in(lines[1]);
  if (!a || !b) return {judge_proof(set, samples[0], lines[0]), judge_proof(set, samples[1], lines[1])};
  const auto shown = [&](const proof::Sample& sample, const proof::Proof& proof) {
    const auto& piece = set.piece(sample);
    return proof::ShownBlock{
        .piece = piece.id, .size_bytes = piece.size_bytes, .block = sample.block, .proof = proof};
  };
  return proof::verify_pair(shown(samples[0], *a), shown(samples[1], *b));
}

}  // namespace

proof::Outcome judge_proof(const proof::AuditSet& set, const proof::Sample& sample, std::string_view line) {
  const auto shown = proof_in(line);
  if (!shown) return proof::Outcome::malformed;
  const auto& piece = set.piece(sample);
  return proof::verify(piece.id, piece.size_bytes, sample.block, *shown);
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

Result<AuditAnswer> check_answer(const HostId& host, const proof::Challenge& challenge,
                                 const proof::AuditSet& set, const AuditPart& part, std::string_view answer) {
  // First that the Host signed all of it: only then is what it says of the blocks worth a look.
  const auto samples = part.samples.size();
  const auto opened = TRY(open_answer({host, challenge.hash, part.body, samples, samples}, answer));
  const std::span lines(opened.lines);
  AuditAnswer out;
  out.time_unix_s = opened.time_unix_s;
  out.outcomes.reserve(samples);
  for (std::size_t i = 0; i + 1 < samples; i += 2)
    for (const auto outcome : judge_two(set, part.samples.subspan(i, 2), lines.subspan(i, 2)))
      out.outcomes.push_back(outcome);
  if (samples % 2 != 0) out.outcomes.push_back(judge_proof(set, part.samples.back(), lines.back()));
  return out;
}

}  // namespace inxt::transfer
