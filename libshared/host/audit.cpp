// SPDX-License-Identifier: LGPL-3.0-or-later
// POST /v1/audit: shows blocks of pieces with their paths, signed with the hash of the whole request, so that
// the answer stands as evidence afterwards.  Asks nobody who the auditor is.
#include "format/audit_lines.h"
#include "host/audit_turn.h"
#include "host/block_proof.h"

namespace inxt::host {

namespace {

struct Batch {
  std::string lines;
  std::vector<std::optional<Error>> missing;  // for each sample
};

/// Errors: try_again; a Host that can read a block a moment later must not sign that it has not got it.
Result<Batch> answer_batch(store::Store& store, std::span<const format::AuditSample> samples) {
  Batch batch;
  for (const format::AuditSample& sample : samples) {
    Result<format::ProofLine> line = prove_block(store, sample);
    if (!line && line.error().code == Code::try_again) return std::unexpected(std::move(line).error());
    batch.missing.push_back(line ? std::nullopt : std::optional(line.error()));
    if (!line) line = missing_block(sample);
    batch.lines += format::write_proof(*line);
  }
  return batch;
}

}  // namespace

net::Awaitable<Outcome> answer_audit(Exchange& exchange) {
  const Parts& parts = exchange.parts();
  CO_CHECK(exchange.client());
  const auto length = exchange.request().content_length();
  if (length && *length > format::kAuditRequestBytesMax)
    co_return refuse(413, Code::usage, "the request is longer than kAuditRequestBytesMax (65536)");
  CO_TRY(const Bytes body, co_await exchange.request().read_all(format::kAuditRequestBytesMax));
  Result<format::AuditRequest> asked = format::read_request(text_of(body));
  if (!asked) co_return std::unexpected(Refusal(400, std::move(asked).error()));
  const std::vector<format::AuditSample>& samples = asked->samples;
  const AuditQuestion question{.kind = "challenge",
                               .commitment = {},
                               .samples = samples.size(),
                               .answer_bytes = samples.size() * kSampleAnswerBytes + kAnswerLineAnswerBytes};
  CO_TRY(AuditTurn turn, AuditTurn::begin(exchange, question, text_of(body)));
  CO_TRY(const auto room, exchange.host().buffers().room(samples.size() * kProofLineBytesMax));

  std::string lines;
  for (std::size_t done = 0; done < samples.size();
       done += kAuditBatch) {  // in turns with other requests' disk work
    const auto part = std::span(samples).subspan(done, std::min(kAuditBatch, samples.size() - done));
    Result<Batch> batch = co_await parts.workers.run([&] { return answer_batch(parts.store, part); });
    if (!batch) co_return std::unexpected(from_disk(std::move(batch).error()));
    lines += batch->lines;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (batch->missing[i])
        turn.note_missing(part[i].piece, *batch->missing[i]);
      else
        turn.note(SampleOutcome::proved);
    }
  }
  const format::AnswerLine answer{.challenge = asked->challenge,
                                  .host = exchange.host().id(),
                                  .request = crypto::sha256(body),
                                  .time_unix_s = exchange.now_s(),
                                  .proofs = samples.size(),
                                  .hash = crypto::sha256(view_of(lines))};
  const std::string answer_line = format::sign_answer(answer, parts.key);
  lines += answer_line;
  turn.answered(answer_line, lines.size());
  co_await exchange.reply(200, "application/jsonl", view_of(lines));
  co_return Outcome{};
}

}  // namespace inxt::host
