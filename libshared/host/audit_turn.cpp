// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/audit_turn.h"

#include <fmt/format.h>

#include "net/ip_scope.h"

namespace inxt::host {

namespace {

SampleOutcome outcome_of(const Error& error) {
  if (is_not_here(error)) return SampleOutcome::not_here;
  return error.code == Code::integrity ? SampleOutcome::damaged : SampleOutcome::unreadable;
}

plan::AuditPeer peer_of(const net::ServerRequest& request, const AcceptList& accept) {
  if (accept.knows(request.peer_key())) return {.name = to_hex(*request.peer_key()), .is_known = true};
  return {.name = net::neighbourhood_of(request.peer_address()), .is_known = false};
}

Refusal too_many(const plan::AuditRefusal& refused, const plan::AuditRateLimits& limits) {
  const std::string_view name = refused.for_peer ? "audit_rate_per_peer" : "audit_rate";
  const std::uint64_t rate = refused.for_peer ? limits.bytes_per_s_per_peer : limits.bytes_per_s;
  Refusal refusal(429, Error{Code::try_again,
                             fmt::format("{} ({} bytes a second{}) is used up", name, rate,
                                         refused.for_peer ? " for you" : " for all"),
                             "ask again after Retry-After"});
  refusal.limit = name;
  refusal.retry_after_ms = std::clamp<std::int64_t>(refused.wait_ms, kRetryAfterMs, kRetryAfterSMax * 1000);
  return refusal;
}

void count(Counters& counters, const AuditEntry& entry) {
  ++(entry.passed() ? counters.audits.passed : counters.audits.failed);
  counters.audits.proved += entry.samples - entry.missing() - entry.released;
  counters.audits.released += entry.released;
  counters.audits.not_here += entry.not_here;
  counters.audits.damaged += entry.damaged;
  counters.audits.unreadable += entry.unreadable;
}

}  // namespace

bool is_not_here(const Error& error) {
  return error.code == Code::not_found || error.code == Code::usage;
}

AuditTurn::AuditTurn(Exchange& exchange, AuditRecord record, plan::AuditSpending spending)
    : exchange_(&exchange),
      record_(std::move(record)),
      spending_(std::move(spending)),
      began_ms_(exchange.parts().clock.steady_ms()) {}

AuditTurn::AuditTurn(AuditTurn&& other) noexcept
    : exchange_(std::exchange(other.exchange_, nullptr)),
      record_(std::move(other.record_)),
      spending_(std::move(other.spending_)),
      began_ms_(other.began_ms_) {}

AuditTurn::~AuditTurn() {
  if (exchange_) exchange_->host().audit_rates().correct(spending_, 0, exchange_->parts().clock.steady_ms());
}

std::expected<AuditTurn, Refusal> AuditTurn::begin(Exchange& exchange, const AuditQuestion& question,
                                                   std::string_view request) {
  const auto client = exchange.client();
  if (!client) return std::unexpected(client.error());
  Host& host = exchange.host();
  const std::int64_t now_ms = exchange.parts().clock.steady_ms();
  const plan::AuditPeer peer = peer_of(exchange.request(), host.options().accept);
  plan::AuditSpending spending;
  if (const auto refused = host.audit_rates().spend(peer, question.answer_bytes, now_ms, spending)) {
    Refusal refusal = too_many(*refused, host.options().audit_rates);
    ++host.counters().audits.refused;
    host.audit_records().refused(peer.name, peer.is_known, refusal.limit, exchange.now_s(), now_ms);
    return std::unexpected(std::move(refusal));
  }
  AuditRecord record;
  record.entry.time_unix_s = exchange.now_s();
  record.entry.address = exchange.request().peer_address();
  record.entry.key = *client;
  record.entry.kind = question.kind;
  record.entry.samples = static_cast<std::uint32_t>(question.samples);
  record.is_known = peer.is_known;
  record.request_id = exchange.id();
  record.commitment = question.commitment;
  record.request = request;
  record.outcomes.reserve(question.samples);
  return AuditTurn(exchange, std::move(record), std::move(spending));
}

std::expected<void, Refusal> charge_audit_rate(Exchange& exchange, std::size_t answer_bytes) {
  Host& host = exchange.host();
  const plan::AuditPeer peer = peer_of(exchange.request(), host.options().accept);
  plan::AuditSpending spending;
  const auto refused =
      host.audit_rates().spend(peer, answer_bytes, exchange.parts().clock.steady_ms(), spending);
  if (!refused) return {};
  return std::unexpected(too_many(*refused, host.options().audit_rates));
}

void AuditTurn::note(SampleOutcome outcome) {
  record_.outcomes.push_back(outcome);
  if (outcome == SampleOutcome::released) ++record_.entry.released;
}

void AuditTurn::note_missing(const PieceId& piece, const Error& error) {
  AuditEntry& entry = record_.entry;
  const bool was_troubled = entry.is_troubled();
  const SampleOutcome outcome = outcome_of(error);
  record_.outcomes.push_back(outcome);
  ++(outcome == SampleOutcome::not_here  ? entry.not_here
     : outcome == SampleOutcome::damaged ? entry.damaged
                                         : entry.unreadable);
  // 256 lines for each request of a stranger would drown the others.
  exchange_->log(outcome == SampleOutcome::not_here ? LogLevel::debug : LogLevel::error, "not-proved",
                 {{"piece", piece.hex()}, {"reason", error.what}});
  if (entry.piece && entry.is_troubled() == was_troubled) return;
  entry.piece = piece;
  entry.reason = error.what;
}

void AuditTurn::answered(std::string_view answer_line, std::size_t answer_bytes) {
  Exchange& exchange = *std::exchange(exchange_, nullptr);
  Host& host = exchange.host();
  const std::int64_t now_ms = exchange.parts().clock.steady_ms();
  // What is kept of a request costs too: else a short answer to a long one would push out the records of
  // others.
  const std::size_t cost = std::max(answer_bytes, record_.request.size());
  host.audit_rates().correct(spending_, cost, now_ms);
  while (answer_line.ends_with('\n')) answer_line.remove_suffix(1);
  record_.answer = answer_line;
  record_.answer_bytes = answer_bytes;
  record_.took_ms = now_ms - began_ms_;
  host.counters().audits.answer_bytes += answer_bytes;
  if (record_.entry.samples > 0) count(host.counters(), record_.entry);
  exchange.log(LogLevel::info, "audited",
               {{"kind", std::string(record_.entry.kind)},
                {"samples", std::to_string(record_.entry.samples)},
                {"missing", std::to_string(record_.entry.missing())}});
  if (host.options().records.audit_bytes_max > 0) host.audit_records().add(record_);
  if (record_.entry.samples > 0) host.audits().add(std::move(record_.entry));
}

}  // namespace inxt::host
