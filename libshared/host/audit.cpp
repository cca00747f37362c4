// SPDX-License-Identifier: LGPL-3.0-or-later
// POST /v1/audit: shows blocks of pieces with their paths, signed with the hash of the whole request, so that
// the answer stands as evidence afterwards.  Asks nobody who the auditor is.
#include "format/audit_lines.h"
#include "host/exchange.h"

namespace inxt::host {

namespace {

constexpr std::size_t kProofLineBytesMax = format::kLineBytesMax;

/// The store's block, if it is the one that the piece id names: what this Host would sign a falsehood about
/// is missing.
Result<format::ProofLine> prove(store::Store& store, const format::AuditSample& sample) {
  store::BlockProof block = TRY(store.read_block(sample.piece, sample.block));
  const auto head = proof::head_from_path(proof::leaf_hash(block.data), sample.block,
                                          proof::blocks_in(block.size_bytes), block.path);
  if (!head || proof::piece_id(block.size_bytes, *head) != sample.piece)
    return fail(Code::integrity, "the disk gave other bytes than were stored");
  return format::ProofLine{.sample = sample,
                           .missing = false,
                           .size = static_cast<std::uint32_t>(block.size_bytes),
                           .data = std::move(block.data),
                           .path = std::move(block.path)};
}

struct Batch {
  std::string lines;
  std::vector<std::pair<PieceId, Error>> missing;
};

Batch answer_batch(store::Store& store, std::span<const format::AuditSample> samples) {
  Batch batch;
  for (const format::AuditSample& sample : samples) {
    Result<format::ProofLine> line = prove(store, sample);
    if (!line) {
      batch.missing.emplace_back(sample.piece, line.error());
      format::ProofLine none;
      none.sample = sample;
      none.missing = true;
      line = std::move(none);
    }
    batch.lines += format::write_proof(*line);
  }
  return batch;
}

}  // namespace

net::Awaitable<Outcome> answer_audit(Exchange& exchange) {
  const Parts& parts = exchange.parts();
  if (auto client = exchange.client(); !client) co_return std::unexpected(std::move(client).error());
  const auto length = exchange.request().content_length();
  if (length && *length > format::kAuditRequestBytesMax)
    co_return refuse(413, Code::usage, "the request is longer than kAuditRequestBytesMax (65536)");
  CO_TRY(const Bytes body, co_await exchange.request().read_all(format::kAuditRequestBytesMax));
  Result<format::AuditRequest> asked = format::read_request(text_of(body));
  if (!asked) co_return std::unexpected(Refusal(400, std::move(asked).error()));
  const std::vector<format::AuditSample>& samples = asked->samples;
  CO_TRY(const auto room, exchange.host().buffers().room(samples.size() * kProofLineBytesMax));

  std::string lines;
  std::size_t missing = 0;
  for (std::size_t done = 0; done < samples.size();
       done += kAuditBatch) {  // in turns with other requests' disk work
    const auto part = std::span(samples).subspan(done, std::min(kAuditBatch, samples.size() - done));
    Result<Batch> batch = co_await parts.workers.run([&] { return answer_batch(parts.store, part); });
    if (!batch) co_return std::unexpected(from_disk(std::move(batch).error()));
    lines += batch->lines;
    missing += batch->missing.size();
    for (const auto& [piece, error] : batch->missing) {
      // Anyone may ask for pieces that never were here: 256 lines for each such request would drown the others.
      const bool is_stranger = error.code == Code::not_found || error.code == Code::usage;
      exchange.log(is_stranger ? LogLevel::debug : LogLevel::error, "not-proved",
                   {{"piece", piece.hex()}, {"reason", error.what}});
    }
  }
  const format::AnswerLine answer{.challenge = asked->challenge,
                                  .host = exchange.host().id(),
                                  .request = crypto::sha256(body),
                                  .time_unix_s = exchange.now_s(),
                                  .proofs = samples.size(),
                                  .hash = crypto::sha256(view_of(lines))};
  lines += format::sign_answer(answer, parts.key);
  exchange.log(LogLevel::info, "audited",
               {{"samples", std::to_string(samples.size())}, {"missing", std::to_string(missing)}});
  co_await exchange.reply(200, "application/jsonl", view_of(lines));
  co_return Outcome{};
}

}  // namespace inxt::host
