// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/transcript_lines.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/audit_lines.h"
#include "format/descriptor.h"
#include "format/layout.h"

namespace inxt::format {
namespace {

constexpr std::uint64_t kSamplesMax = 65536;
constexpr std::uint64_t kSetPiecesMax = std::uint64_t{1} << 31;

constexpr std::uint64_t kMillisecondsMax = 86'400'000;  // a day

constexpr std::string_view kOutcomes[] = {"answered", "late", "silent", "invalid"};
constexpr std::string_view kKinds[] = {"set", "inventory", "chain"};
constexpr std::string_view kFindings[] = {"equivocation", "rollback", "broken"};
constexpr std::string_view kSources[] = {"local", "given", "drand"};

/// One of the names of an enum, in its order; `reason` is the manual's name for a value that is none.
template <class Enum, std::size_t N>
Result<Enum> named(const Fields& fields, const char* key, const std::string_view (&names)[N],
                   std::string_view reason) {
  const auto text = TRY(fields.text(key, 16));
  for (std::size_t i = 0; i < N; ++i)
    if (text == names[i]) return static_cast<Enum>(i);
  return fields.bad(key, fmt::format("none of {} ({})", fmt::join(names, ", "), reason));
}
template <class Enum, std::size_t N>
std::string_view name_of(Enum value, const std::string_view (&names)[N]) {
  return names[static_cast<std::size_t>(value)];
}

Result<std::vector<std::string>> addresses_in(const Fields& fields) {
  auto addresses = TRY(fields.texts("addresses", kAddressesMax, kHostAddressBytesMax));
  for (const auto& address : addresses)
    if (!is_address(address)) return fields.bad("addresses", "not \"ip:port\"");
  return addresses;
}

Result<std::uint64_t> set_pieces_in(const Fields& fields) {
  const auto pieces = TRY(fields.integer("pieces", kSetPiecesMax));
  if (pieces == 0) return fields.bad("pieces", "0");
  return pieces;
}

}  // namespace

std::string_view kind_name(AuditKind kind) {
  return name_of(kind, kKinds);
}

std::string write_audit_line(const AuditLine& line) {
  return write_compact({{"type", "audit"},
                        {"version", 2},
                        {"host", line.host.hex()},
                        {"kind", kind_name(line.kind)},
                        {"commitment", to_hex(line.commitment)},
                        {"samples", line.samples},
                        {"confidence_ppm", line.confidence_ppm}}) +
         '\n';
}

Result<AuditLine> read_audit_line(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "audit"));
  TRY(fields.check_crit({}));
  AuditLine out;
  const auto version = TRY(fields.integer("version"));
  if (version != 1 && version != 2) return fields.bad("version", "not one that this program reads (transcript-version)");
  out.version = static_cast<unsigned>(version);
  out.host = TRY(fields.id<HostId>("host"));
  const auto samples = TRY(fields.integer("samples"));
  if (samples > kSamplesMax)
    return fields.bad("samples", fmt::format("more than {} (kSamplesMax; transcript-samples)", kSamplesMax));
  out.samples = static_cast<std::uint32_t>(samples);
  out.confidence_ppm =
      static_cast<std::uint32_t>(TRY(fields.integer("confidence_ppm", kPartsPerMillion - 1)));
  if (out.confidence_ppm == 0) return fields.bad("confidence_ppm", "0");
  if (out.version == 1) {
    TRY(fields.hex("beacon", out.beacon));
    TRY(fields.hex("set_hash", out.commitment));
    out.anchored = TRY(fields.boolean("anchored"));
    if (out.samples == 0) return fields.bad("samples", "0 (transcript-samples)");
    return out;
  }
  out.kind = TRY(named<AuditKind>(fields, "kind", kKinds, "transcript-kind"));
  TRY(fields.hex("commitment", out.commitment));
  if (out.samples == 0 && out.kind == AuditKind::set) return fields.bad("samples", "0 (transcript-samples)");
  return out;
}

std::string_view finding_name(HeadFinding finding) {
  return name_of(finding, kFindings);
}

std::string write_evidence_line(HeadFinding finding) {
  return write_compact({{"type", "evidence"}, {"finding", finding_name(finding)}}) + '\n';
}

Result<HeadFinding> read_evidence_line(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "evidence"));
  return named<HeadFinding>(fields, "finding", kFindings, "transcript-evidence");
}

std::string write_commit_line(const CommitLine& line) {
  return write_compact({{"type", "commit"}, {"time", line.time_unix_s}}) + '\n';
}

Result<CommitLine> read_commit_line(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "commit"));
  return CommitLine{TRY(fields.time("time"))};
}

std::string write_beacon_line(const Beacon& beacon) {
  Json json{{"type", "beacon"}, {"randomness", to_hex(beacon.randomness)}};
  json["time"] = beacon.time_unix_s ? Json(*beacon.time_unix_s) : Json(nullptr);
  if (beacon.source == BeaconSource::drand) {
    json["round"] = beacon.round;
    json["signature"] = to_hex(beacon.signature);
    json["genesis_time"] = beacon.chain.genesis_unix_s;
    json["period"] = beacon.chain.period_s;
  }
  json["source"] = name_of(beacon.source, kSources);
  return write_compact(json) + '\n';
}

Result<Beacon> read_beacon_line(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "beacon"));
  Beacon out;
  TRY(fields.hex("randomness", out.randomness));
  const auto time = json.find("time");
  if (time == json.end()) return fields.bad("time", "missing");
  if (!time->is_null()) out.time_unix_s = TRY(fields.time("time"));
  out.source = TRY(named<BeaconSource>(fields, "source", kSources, "beacon-source"));
  if (out.source == BeaconSource::local && out.time_unix_s)
    return fields.bad("time", "there although nobody else knew it (beacon-source)");
  if (out.source != BeaconSource::drand) {
    for (const char* key : {"round", "signature", "genesis_time", "period"})
      if (fields.has(key)) return fields.bad(key, "there although it is no round of drand (beacon-source)");
    return out;
  }
  out.round = TRY(fields.integer("round"));
  const auto signature = TRY(fields.text("signature", 2 * kBeaconSignatureBytesMax));
  out.signature.resize(signature.size() / 2);
  if (!from_hex(signature, out.signature)) return fields.bad("signature", "not lower-case hex");
  out.chain.genesis_unix_s = TRY(fields.time("genesis_time"));
  out.chain.period_s = TRY(fields.integer("period", kBeaconPeriodMaxS));
  TRY(check_beacon(out, where));
  return out;
}

std::string write_deadline_line(const DeadlineLine& line) {
  return write_compact({{"type", "deadline"},
                        {"rtt_ms", line.rtt_ms},
                        {"disk_ms", line.disk_ms},
                        {"bytes_per_s", line.bytes_per_s},
                        {"request_ms", line.request_ms},
                        {"chosen", line.given ? "given" : "measured"}}) +
         '\n';
}

Result<DeadlineLine> read_deadline_line(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "deadline"));
  DeadlineLine out;
  out.rtt_ms = TRY(fields.integer("rtt_ms", kMillisecondsMax));
  out.disk_ms = TRY(fields.integer("disk_ms", kMillisecondsMax));
  out.bytes_per_s = TRY(fields.integer("bytes_per_s"));
  if (out.bytes_per_s == 0) return fields.bad("bytes_per_s", "0");
  out.request_ms = TRY(fields.integer("request_ms", kMillisecondsMax));
  const auto chosen = TRY(fields.text("chosen", 16));
  out.given = chosen == "given";
  if (!out.given && chosen != "measured") return fields.bad("chosen", "none of measured, given (transcript-deadline)");
  return out;
}

std::string write_set_line(const SetLine& line) {
  return write_compact({{"type", "set"}, {"piece", line.piece.hex()}, {"size", line.size}}) + '\n';
}

Result<SetLine> read_set_line(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "set"));
  SetLine out;
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.size = static_cast<std::uint32_t>(TRY(fields.integer("size", kShardBytesMax)));
  if (out.size == 0) return fields.bad("size", "0");
  return out;
}

std::string write_request_line(std::string_view body) {
  return write_compact({{"type", "request"}, {"body", body}}) + '\n';
}

Result<std::string> read_request_line(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line, kRequestLineBytesMax - 1));
  const Fields fields(json, where);
  TRY(fields.expect("type", "request"));
  return fields.text("body", kAuditRequestBytesMax);
}

std::int64_t received_unix_s(const TestimonyLine& line) {
  return line.time_unix_s + static_cast<std::int64_t>(line.elapsed_ms / 1000);
}

std::string fit_reason(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kReasonBytesMax)) out += c >= ' ' && c <= '~' ? c : '?';
  return out.empty() ? "unknown" : out;
}

std::string write_testimony(const TestimonyLine& line) {
  Json json{{"type", "testimony"},
            {"try", line.number},
            {"time", line.time_unix_s},
            {"elapsed_ms", line.elapsed_ms},
            {"outcome", name_of(line.outcome, kOutcomes)}};
  if (!line.has_answer()) json["reason"] = line.reason;
  return write_compact(json) + '\n';
}

Result<TestimonyLine> read_testimony(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "testimony"));
  TestimonyLine out;
  const auto number = TRY(fields.integer("try"));
  if (number > kAuditTriesMax)
    return fields.bad("try", fmt::format("more than {} (kAuditTriesMax; transcript-try)", kAuditTriesMax));
  out.number = static_cast<unsigned>(number);
  out.time_unix_s = TRY(fields.time("time"));
  out.elapsed_ms = TRY(fields.integer("elapsed_ms"));
  out.outcome = TRY(named<TryOutcome>(fields, "outcome", kOutcomes, "transcript-try"));
  if (!out.has_answer() && !fields.has("reason")) return fields.bad("reason", "missing (transcript-try)");
  if (!out.has_answer())
    out.reason = TRY(fields.text("reason", kReasonBytesMax));
  else if (fields.has("reason"))
    return fields.bad("reason", "there although it was answered (transcript-try)");
  return out;
}

std::string write_end_line(const EndLine& line) {
  return write_compact(
             {{"type", "end"}, {"hosts", line.hosts}, {"lines", line.lines}, {"hash", to_hex(line.hash)}}) +
         '\n';
}

Result<EndLine> read_end_line(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "end"));
  EndLine out;
  out.hosts = TRY(fields.integer("hosts"));
  out.lines = TRY(fields.integer("lines"));
  TRY(fields.hex("hash", out.hash));
  return out;
}

std::string write_extract_line(const ExtractLine& line) {
  return write_compact({{"type", "extract"},
                        {"version", 1},
                        {"host", line.host.hex()},
                        {"addresses", line.addresses},
                        {"pieces", line.pieces},
                        {"set_hash", to_hex(line.set_hash)}}) +
         '\n';
}

Result<ExtractLine> read_extract_line(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "extract"));
  TRY(fields.check_crit({}));
  if (TRY(fields.integer("version")) != 1) return fields.bad("version", "not one that this program reads");
  ExtractLine out;
  out.host = TRY(fields.id<HostId>("host"));
  out.addresses = TRY(addresses_in(fields));
  out.pieces = TRY(set_pieces_in(fields));
  TRY(fields.hex("set_hash", out.set_hash));
  return out;
}

std::string write_commitment_line(const CommitmentLine& line) {
  Json json{{"type", "commitment"},
            {"version", 1},
            {"host", line.host.hex()},
            {"addresses", line.addresses},
            {"kind", kind_name(line.kind)},
            {"commitment", to_hex(line.commitment)}};
  if (line.kind == AuditKind::set) json["pieces"] = line.pieces;
  return write_compact(json) + '\n';
}

Result<CommitmentLine> read_commitment_line(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "commitment"));
  TRY(fields.check_crit({}));
  if (TRY(fields.integer("version")) != 1) return fields.bad("version", "not one that this program reads");
  CommitmentLine out;
  out.host = TRY(fields.id<HostId>("host"));
  out.addresses = TRY(addresses_in(fields));
  out.kind = TRY(named<AuditKind>(fields, "kind", kKinds, "transcript-kind"));
  TRY(fields.hex("commitment", out.commitment));
  if (out.kind == AuditKind::set) out.pieces = TRY(set_pieces_in(fields));
  return out;
}

std::string type_of(std::string_view line, std::size_t text_bytes_max) {
  const auto json = parse_object(line, text_bytes_max);
  if (!json) return "";
  return Fields(*json, "").text("type", 64).value_or("");
}

}  // namespace inxt::format
