// SPDX-License-Identifier: AGPL-3.0-or-later
// Requests, proofs and answers of an audit.  First byte: request, lines as they are, or the proof lines of an
// answer that is completed and signed here.
#include "transfer/audit_answer.h"
#include "format/proof_line.h"
#include "fuzz/support/fuzz.h"
#include "proof/tree.h"

namespace inxt::fuzz {
namespace {

// Two pieces of zeros, of two blocks and of one; a challenge for all three blocks.
struct Question {
  Bytes first = Bytes(5000), second = Bytes(16);
  proof::AuditSet set;
  HostId host{signing_key().public_key()};
  proof::Challenge challenge;
  transfer::AuditPart part;

  Question()
      : set(*proof::AuditSet::make(
            {{proof::piece_id_of(first), first.size()}, {proof::piece_id_of(second), second.size()}})),
        challenge(*proof::derive_challenge({}, host, set)),
        part(transfer::audit_part(challenge, set, 0)) {}
};

void answer(std::string_view proofs) {
  static const Question question;
  const auto lines = lines_of(proofs);
  format::AnswerLine last{.challenge = question.challenge.hash,
                          .host = question.host,
                          .request = crypto::sha256(view_of(question.part.body)),
                          .time_unix_s = 1'800'000'000,
                          .proofs = std::min<std::uint64_t>(lines.size(), format::kSamplesPerRequestMax),
                          .hash = crypto::sha256(view_of(proofs))};
  const auto judged = transfer::check_answer(question.host, question.challenge, question.set, question.part,
                                           std::string(proofs) + format::sign_answer(last, signing_key()));
  if (!judged) return;
  CHECK_BUG(judged->outcomes.size() == question.part.samples.size());
  for (std::size_t i = 0; i < judged->outcomes.size(); ++i) {
    if (judged->outcomes[i] != proof::Outcome::held) continue;
    // Nothing but the block itself passes.
    const auto line = format::read_proof(lines[i], "line");
    CHECK_BUG(line && !line->missing && line->sample.block == question.part.samples[i].block);
    CHECK_BUG(line->size == question.set.piece(question.part.samples[i]).size_bytes);
    CHECK_BUG(line->data == Bytes(proof::block_bytes(line->size, line->sample.block)));
  }
}

}  // namespace

void fuzz(ByteView input) {
  const auto selector = take_byte(input) % 4;
  const auto text = text_of(input);
  if (selector == 0) {
    const auto request = format::read_request(text);
    if (!request) return;
    CHECK_BUG(!request->samples.empty() && request->samples.size() <= format::kSamplesPerRequestMax);
    const auto back = format::read_request(format::write_request(*request));
    CHECK_BUG(back && back->samples == request->samples && back->challenge == request->challenge);
  } else if (selector == 1) {
    const auto proof = format::read_proof(text, "line");
    // Differential: both ways read the same, and refuse the same.
    const auto strict = format::read_proof_strictly(text, "line");
    CHECK_BUG(proof.has_value() == strict.has_value());
    if (!proof) {
      CHECK_BUG(proof.error().what == strict.error().what && !format::read_proof_as_written(text));
      return;
    }
    CHECK_BUG(proof->sample == strict->sample && proof->missing == strict->missing && proof->size == strict->size);
    CHECK_BUG(proof->data == strict->data && proof->path == strict->path);
    std::string written = format::write_proof(*proof);
    written.pop_back();
    const auto back = format::read_proof(written, "line");
    CHECK_BUG(back && back->sample == proof->sample && back->data == proof->data &&
              back->path == proof->path);
    CHECK_BUG(proof->missing || format::read_proof_as_written(written));
    static const Question question;
    for (const auto& sample : question.challenge.samples)
      (void)transfer::judge_proof(question.set, sample, text);
  } else if (selector == 2) {
    const std::string line =
        sign_again(with_hex_member(std::string(text), "host", signer_hex()), "inxt/v1/answer", {});
    (void)format::read_answer(text, "line");
    (void)format::read_answer(line, "line");
  } else {
    answer(text);
  }
}

}  // namespace inxt::fuzz
