// SPDX-License-Identifier: LGPL-3.0-or-later
// One audit from its request to its answer: what it may cost, what is counted, and what is kept of it.  Every
// handler that shows blocks or inventory to whoever asks goes through one:
//
//   CO_TRY(AuditTurn turn, AuditTurn::begin(exchange, question, text_of(body)));
//   ... turn.note(SampleOutcome::proved) or turn.note_missing(piece, error), once for each sample, in their
//   order ... turn.answered(answer_line, lines.size()); co_await exchange.reply(...)
#pragma once

#include <expected>

#include "host/exchange.h"

namespace inxt::host {

/// What one sample's lines take about: a block, nine hashes of its path, names.
inline constexpr std::size_t kSampleAnswerBytes = 6400;
inline constexpr std::size_t kAnswerLineAnswerBytes = 600;

struct AuditQuestion {
  std::string_view kind;                        // a literal: the request's `type`
  std::optional<crypto::Hash> commitment = {};  // the inventory head's hash
  std::size_t samples = 0;
  std::size_t answer_bytes = 0;  // about; what it is in truth is settled at the end
};

class AuditTurn {
 public:
  /// Takes the bytes out of the peer's rate and the one of all.
  /// Errors: 401 without a certificate; 429 with Retry-After, naming audit_rate_per_peer or audit_rate.
  static std::expected<AuditTurn, Refusal> begin(Exchange& exchange, const AuditQuestion& question,
                                                 std::string_view request);
  AuditTurn(AuditTurn&& other) noexcept;
  AuditTurn& operator=(AuditTurn&&) = delete;
  /// Without answered(): gives the bytes back and keeps nothing.
  ~AuditTurn();

  void note(SampleOutcome outcome);
  /// not_here, damaged or unreadable, by the error; logged.
  void note_missing(const PieceId& piece, const Error& error);

  /// Counts, logs and keeps it.  `answer_line`: signed, with or without newline; `answer_bytes`: of all
  /// lines.
  void answered(std::string_view answer_line, std::size_t answer_bytes);

 private:
  AuditTurn(Exchange& exchange, AuditRecord record, plan::AuditSpending spending);

  Exchange* exchange_;  // none when moved from, or answered
  AuditRecord record_;
  plan::AuditSpending spending_;
  std::int64_t began_ms_;
};

/// For other answers that anybody can ask for: takes so many bytes out of the peer's rate and the one of all.
/// A peer without a certificate is its network.  Errors: 429 as AuditTurn::begin().
std::expected<void, Refusal> charge_audit_rate(Exchange& exchange, std::size_t answer_bytes);

/// Anyone may ask for pieces that never were here; everything else is the disk's fault.
bool is_not_here(const Error& error);

}  // namespace inxt::host
