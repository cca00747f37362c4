// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-proof(5).
#include <algorithm>

#include "transfer/audit_answer.h"
#include "client/audit_target.h"
#include "client/commitments.h"
#include "client/transcript.h"
#include "vectors/vectors.h"

namespace inxt::vectors {
namespace {

Result<Value> run_challenge(const Value& given, ByteView) {
  std::vector<proof::SetPiece> pieces;
  for (const auto& pair : given.at("set"))
    pieces.push_back({*PieceId::parse(pair.at(0).get<std::string>()), pair.at(1).get<std::uint64_t>()});
  const auto set = TRY(proof::AuditSet::make(std::move(pieces)));
  const auto challenge =
      TRY(proof::derive_challenge(array_of<32>(given, "beacon"), id_of<HostId>(given, "host"), set,
                                  given.at("asked").get<std::uint64_t>()));
  Bytes requests;
  for (std::uint64_t part = 0; part < transfer::parts_of(challenge); ++part)
    append(requests, view_of(transfer::audit_part(challenge, set, part).body));
  const auto& first = challenge.samples.front();
  return Value{{"set_hash", to_hex(set.hash())},
               {"challenge", to_hex(challenge.hash)},
               {"samples", challenge.samples.size()},
               {"blocks", set.blocks()},
               {"requests", transfer::parts_of(challenge)},
               {"requests_sha256", to_hex(crypto::sha256(requests))},
               {"first", {set.piece(first).id.hex(), first.block}}};
}

Result<Value> run_request(const Value&, ByteView input) {
  const auto request = TRY(format::read_request(text_of(input)));
  const auto& last = request.samples.back();
  return Value{{"challenge", to_hex(request.challenge)},
               {"samples", request.samples.size()},
               {"last", {last.piece.hex(), last.block}}};
}

Result<Value> run_answer(const Value& given, ByteView input) {
  const std::string body = given.at("request");
  const auto request = TRY(format::read_request(body));
  std::vector<proof::SetPiece> pieces;
  for (const auto& [id, size] : given.at("sizes").items())
    pieces.push_back({*PieceId::parse(id), size.get<std::uint64_t>()});
  const auto set = TRY(proof::AuditSet::make(std::move(pieces)));
  proof::Challenge challenge{.hash = array_of<32>(given, "challenge"), .samples = {}};
  for (const auto& sample : request.samples) {
    const auto found = std::ranges::find(set.pieces(), sample.piece, &proof::SetPiece::id);
    challenge.samples.push_back({static_cast<std::size_t>(found - set.pieces().begin()), sample.block});
  }
  const auto answer = TRY(transfer::check_answer(id_of<HostId>(given, "host"), challenge, set,
                                               {challenge.samples, body}, text_of(input)));
  Value outcomes = Value::array();
  std::uint64_t held = 0;
  for (const auto outcome : answer.outcomes) {
    outcomes.push_back(proof::outcome_name(outcome));
    held += outcome == proof::Outcome::held ? 1 : 0;
  }
  return Value{{"outcomes", std::move(outcomes)},
               {"verdict", proof::verdict_name(proof::verdict_of({.failed = answer.outcomes.size() - held}))}};
}

Result<Value> run_outcome(const Value& given, ByteView input) {
  const auto set =
      TRY(proof::AuditSet::make({{id_of<PieceId>(given, "piece"), given.at("size").get<std::uint64_t>()}}));
  const auto outcome = transfer::judge_proof(set, {0, given.at("block").get<std::uint64_t>()}, text_of(input));
  return Value{{"outcome", proof::outcome_name(outcome)}};
}

Result<Value> run_bound(const Value& given, ByteView) {
  const auto bound = proof::bad_blocks_bound(given.at("blocks").get<std::uint64_t>(),
                                             given.at("samples").get<std::uint64_t>(),
                                             given.at("bad").get<std::uint64_t>(), proof::kConfidenceDefault);
  return Value{{"bound", bound.blocks_bad_max}};
}

/// The value of each audit in it.
Result<Value> run_audits(const Value& given, ByteView input,
                         const std::function<void(Value&, const client::HostReport&)>& add) {
  std::vector<HostId> required;
  for (const auto& id : given.value("required", Value::array())) required.push_back(*HostId::parse(id.get<std::string>()));
  const auto file = memory_file(input);
  client::LineReader lines(file.number(), "vector", format::kRequestLineBytesMax);
  Value audits = Value::array();
  TRY(client::verify_transcript(lines, [&](const client::HostReport& report) -> Result<void> {
    Value by = Value::array();
    if (report.anchor.by_auditor) by.push_back("auditor");
    for (const auto& witness : report.anchor.by_witnesses) by.push_back(witness.hex());
    constexpr std::string_view kSources[] = {"local", "given", "drand"};
    audits.push_back({{"host", report.host.hex()},
                      {"anchored", report.anchor.anchored},
                      {"anchored_by", std::move(by)},
                      {"beacon", kSources[static_cast<std::size_t>(report.beacon)]},
                      {"pieces", report.pieces},
                      {"blocks", report.blocks},
                      {"samples", report.samples},
                      {"held", report.held},
                      {"failed", report.failed},
                      {"missing", report.missing},
                      {"unanswered", report.unanswered},
                      {"late", report.late},
                      {"retries", report.retries},
                      {"verdict", proof::verdict_name(report.verdict())},
                      {"bound", report.bound().blocks_bad_max}});
    add(audits.back(), report);
    return {};
  }, required));
  return Value{{"audits", std::move(audits)}};
}

Result<Value> run_transcript(const Value& given, ByteView input) {
  return run_audits(given, input, [](Value&, const client::HostReport&) {});
}

Result<Value> run_inventory_transcript(const Value& given, ByteView input) {
  return run_audits(given, input, [](Value& audit, const client::HostReport& report) {
    audit["kind"] = format::kind_name(report.kind);
    audit["released"] = report.released;
    audit["repeated"] = report.repeated;
    audit["heads"] = report.heads ? Value(format::finding_name(*report.heads)) : Value(nullptr);
  });
}

Result<Value> run_extract(const Value&, ByteView input) {
  const auto file = memory_file(input);
  client::LineReader lines(file.number(), "vector");
  const auto targets = TRY(client::read_audit_targets(lines, "vector"));
  Value hosts = Value::array();
  for (const auto& target : targets.hosts)
    hosts.push_back({{"host", target.host.id.hex()},
                     {"addresses", target.host.addresses},
                     {"pieces", target.set().pieces().size()},
                     {"bytes", target.set().bytes()},
                     {"set_hash", to_hex(target.set().hash())}});
  return Value{{"hosts", std::move(hosts)}};
}

Result<Value> run_commitments(const Value&, ByteView input) {
  const auto file = memory_file(input);
  client::LineReader lines(file.number(), "vector");
  const auto targets = TRY(client::read_commitments(lines, "vector"));
  Value hosts = Value::array();
  for (const auto& target : targets.hosts) {
    Value witnesses = Value::array();
    for (const auto& text : target.commit->witness_lines) {
      const auto line = TRY(format::read_witness(text, "witness"));
      witnesses.push_back({line.witness.hex(), line.time_unix_s});
    }
    hosts.push_back({{"host", target.host.id.hex()},
                     {"addresses", target.host.addresses},
                     {"kind", format::kind_name(target.kind())},
                     {"commitment", to_hex(target.commitment())},
                     {"time", target.commit->time_unix_s},
                     {"witnesses", std::move(witnesses)}});
  }
  return Value{{"hosts", std::move(hosts)}};
}

Result<Value> run_beacon(const Value&, ByteView input) {
  const auto beacon = TRY(format::read_beacon_file(text_of(input), "vector"));
  return Value{{"randomness", to_hex(beacon.randomness)}, {"time", *beacon.time_unix_s}};
}

constexpr Format kAuditFormats[] = {{"audit-challenge", run_challenge},
                                    {"audit-request", run_request},
                                    {"audit-answer", run_answer},
                                    {"audit-outcome", run_outcome},
                                    {"audit-bound", run_bound},
                                    {"transcript", run_transcript},
                                    {"inventory-transcript", run_inventory_transcript},
                                    {"extract", run_extract},
                                    {"commitments", run_commitments},
                                    {"beacon", run_beacon}};

}  // namespace

std::span<const Format> audit_formats() {
  return kAuditFormats;
}

}  // namespace inxt::vectors
