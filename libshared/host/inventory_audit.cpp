// SPDX-License-Identifier: LGPL-3.0-or-later
// POST /v1/inventory/audit and /v1/inventory/lookup: blocks of all that this Host says that it holds, and
// whether a piece is among it; signed with the hash of the whole request.  Asks nobody who the auditor is.
#include <fmt/format.h>

#include "host/audit_turn.h"
#include "host/block_proof.h"
#include "host/inventory_answers.h"

namespace inxt::host {

namespace {

/// What inclusion lines take more: some thirty steps of a large Host.
constexpr std::size_t kInclusionBytes = 2600;
constexpr std::size_t kSampleBytesMax = format::kLineBytesMax + kProofLineBytesMax;

/// Samples by their numbers, or the links of a chain.
struct Asked {
  std::string_view kind;
  crypto::Hash challenge{};
  crypto::Hash head{};
  std::vector<std::uint64_t> numbers;  // empty for a chain
  std::uint64_t first = 0;             // of the chain
  std::size_t count = 0;
  proof::ChainLink link;
};

Result<Asked> read_asked(std::string_view body) {
  constexpr std::string_view kNumbers = R"({"type":"inventory-challenge",)";
  Asked asked;
  if (body.starts_with(kNumbers)) {
    format::InventoryRequest request = TRY(format::read_inventory_request(body));
    asked.kind = "inventory-challenge";
    asked.challenge = request.challenge;
    asked.head = request.head;
    asked.count = request.numbers.size();
    asked.numbers = std::move(request.numbers);
  } else {
    const format::ChainRequest request = TRY(format::read_chain_request(body));
    asked.kind = "inventory-chain";
    asked.challenge = request.challenge;
    asked.head = request.head;
    asked.first = request.first;
    asked.count = static_cast<std::size_t>(request.count);
    asked.link.hash = request.previous;
  }
  return asked;
}

/// The state of the head that is asked about.
net::Awaitable<std::expected<Inventory::State, Refusal>> state_of(Exchange& exchange,
                                                                  const crypto::Hash& head) {
  Inventory* const inventory = exchange.host().inventory();
  if (inventory == nullptr) co_return refuse(404, Code::not_found, "this Host has no inventory");
  if (Inventory::State state = inventory->answerable(head)) co_return state;
  const auto look = [&] { return inventory->chain().knows(head); };
  const Result<bool> known = co_await exchange.parts().workers.run(look);
  if (known && *known)
    co_return refuse(410, Code::not_found, "this inventory head is too old to be asked about",
                     "ask for the latest one");
  co_return refuse(404, Code::not_found, "no inventory head of this Host has this hash");
}

struct Batch {
  std::vector<SampleAnswer> samples;
  proof::ChainLink link;
};

Result<Batch> answer_batch(const AnswerParts& parts, const Asked& asked, std::size_t done,
                           proof::ChainLink link, std::int64_t now_s) {
  Batch batch;
  batch.link = link;
  const bool is_chain = asked.numbers.empty();
  for (std::size_t i = done; i < std::min(asked.count, done + kAuditBatch); ++i) {
    const std::uint64_t number = is_chain ? proof::chain_draw(asked.challenge, asked.first + i, batch.link,
                                                              parts.state.head().head.root.blocks)
                                          : asked.numbers[i];
    SampleAnswer answer =
        TRY(answer_sample(parts, number, now_s, is_chain ? std::optional(asked.challenge) : std::nullopt));
    batch.link = answer.link;
    batch.samples.push_back(std::move(answer));
  }
  return batch;
}

std::string sign(Exchange& exchange, const crypto::Hash& challenge, ByteView body, std::size_t samples,
                 std::string_view lines) {
  const format::AnswerLine answer{.challenge = challenge,
                                  .host = exchange.host().id(),
                                  .request = crypto::sha256(body),
                                  .time_unix_s = exchange.now_s(),
                                  .proofs = samples,
                                  .hash = crypto::sha256(view_of(lines))};
  return format::sign_answer(answer, exchange.parts().key);
}

}  // namespace

net::Awaitable<Outcome> answer_inventory_audit(Exchange& exchange) {
  const Parts& parts = exchange.parts();
  CO_CHECK(exchange.client());
  const auto length = exchange.request().content_length();
  if (length && *length > format::kAuditRequestBytesMax)
    co_return refuse(413, Code::usage, "the request is longer than kAuditRequestBytesMax (65536)");
  CO_TRY(const Bytes body, co_await exchange.request().read_all(format::kAuditRequestBytesMax));
  Result<Asked> read = read_asked(text_of(body));
  if (!read) co_return std::unexpected(Refusal(400, std::move(read).error()));
  const Asked asked = *std::move(read);
  CO_TRY(const Inventory::State state, co_await state_of(exchange, asked.head));
  const std::uint64_t blocks = state->head().head.root.blocks;
  if (blocks == 0) co_return refuse(400, Code::usage, "this inventory head lists nothing");
  for (const std::uint64_t number : asked.numbers)
    if (number >= blocks)
      co_return refuse(400, Code::usage,
                       fmt::format("block {}: this inventory head lists {} blocks", number, blocks));
  const AuditQuestion question{
      .kind = asked.kind,
      .commitment = asked.head,
      .samples = asked.count,
      .answer_bytes = asked.count * (kSampleAnswerBytes + kInclusionBytes) + kAnswerLineAnswerBytes};
  CO_TRY(AuditTurn turn, AuditTurn::begin(exchange, question, text_of(body)));
  CO_TRY(const auto room, exchange.host().buffers().room(asked.count * kSampleBytesMax));

  const AnswerParts with{exchange.host(), *exchange.host().inventory(), *state};
  const std::int64_t now_s = exchange.now_s();
  std::string lines;
  proof::ChainLink link = asked.link;
  for (std::size_t done = 0; done < asked.count; done += kAuditBatch) {  // in turns with others' disk work
    const auto job = [&] { return answer_batch(with, asked, done, link, now_s); };
    Result<Batch> batch = co_await parts.workers.run(job);
    if (!batch) co_return std::unexpected(from_disk(std::move(batch).error()));
    link = batch->link;
    for (const SampleAnswer& sample : batch->samples) {
      lines += sample.lines;
      if (sample.missing)
        turn.note_missing(sample.piece, *sample.missing);
      else
        turn.note(sample.outcome);
    }
  }
  const std::string answer_line = sign(exchange, asked.challenge, body, asked.count, lines);
  lines += answer_line;
  turn.answered(answer_line, lines.size());
  co_await exchange.reply(200, "application/jsonl", view_of(lines));
  co_return Outcome{};
}

net::Awaitable<Outcome> look_up_in_inventory(Exchange& exchange) {
  const Parts& parts = exchange.parts();
  CO_CHECK(exchange.client());
  const auto length = exchange.request().content_length();
  if (length && *length > format::kLookupRequestBytesMax)
    co_return refuse(413, Code::usage, "the request is longer than kLookupRequestBytesMax (65536)");
  CO_TRY(const Bytes body, co_await exchange.request().read_all(format::kLookupRequestBytesMax));
  Result<format::LookupRequest> asked = format::read_lookup(text_of(body));
  if (!asked) co_return std::unexpected(Refusal(400, std::move(asked).error()));
  CO_TRY(const Inventory::State state, co_await state_of(exchange, asked->head));
  const std::vector<format::LookupPiece>& pieces = asked->pieces;
  const AuditQuestion question{.kind = "lookup",
                               .commitment = asked->head,
                               .samples = 0,  // it proves nothing about what is held
                               .answer_bytes = pieces.size() * kInclusionBytes + kAnswerLineAnswerBytes};
  CO_TRY(AuditTurn turn, AuditTurn::begin(exchange, question, text_of(body)));
  CO_TRY(const auto room, exchange.host().buffers().room(pieces.size() * format::kLineBytesMax));

  const AnswerParts with{exchange.host(), *exchange.host().inventory(), *state};
  std::string lines;
  for (std::size_t done = 0; done < pieces.size(); done += kAuditBatch) {
    const auto part = std::span(pieces).subspan(done, std::min(kAuditBatch, pieces.size() - done));
    const auto job = [&]() -> Result<std::vector<LookupAnswer>> {
      std::vector<LookupAnswer> answers;
      for (const format::LookupPiece& piece : part) answers.push_back(TRY(answer_lookup(with, piece)));
      return answers;
    };
    Result<std::vector<LookupAnswer>> answers = co_await parts.workers.run(job);
    if (!answers) co_return std::unexpected(from_disk(std::move(answers).error()));
    for (const LookupAnswer& answer : *answers) {
      lines += answer.line;
      turn.note(answer.is_listed ? SampleOutcome::listed : SampleOutcome::not_listed);
    }
  }
  const std::string answer_line = sign(exchange, crypto::Hash{}, body, pieces.size(), lines);
  lines += answer_line;
  turn.answered(answer_line, lines.size());
  co_await exchange.reply(200, "application/jsonl", view_of(lines));
  co_return Outcome{};
}

}  // namespace inxt::host
