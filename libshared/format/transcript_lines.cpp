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

std::string_view outcome_name(TryOutcome outcome) {
  return outcome == TryOutcome::answered ? "answered" : outcome == TryOutcome::silent ? "silent" : "invalid";
}

}  // namespace

std::string write_audit_line(const AuditLine& line) {
  return write_compact({{"type", "audit"},
                        {"version", 1},
                        {"beacon", to_hex(line.beacon)},
                        {"host", line.host.hex()},
                        {"samples", line.samples},
                        {"set_hash", to_hex(line.set_hash)},
                        {"anchored", line.anchored},
                        {"confidence_ppm", line.confidence_ppm}}) +
         '\n';
}

Result<AuditLine> read_audit_line(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "audit"));
  TRY(fields.check_crit({}));
  if (TRY(fields.integer("version")) != 1) return fields.bad("version", "not one that this program reads");
  AuditLine out;
  TRY(fields.hex("beacon", out.beacon));
  out.host = TRY(fields.id<HostId>("host"));
  out.samples = static_cast<std::uint32_t>(TRY(fields.integer("samples", kSamplesMax)));
  if (out.samples == 0) return fields.bad("samples", "0");
  TRY(fields.hex("set_hash", out.set_hash));
  out.anchored = TRY(fields.boolean("anchored"));
  out.confidence_ppm = static_cast<std::uint32_t>(TRY(fields.integer("confidence_ppm", kPartsPerMillion - 1)));
  if (out.confidence_ppm == 0) return fields.bad("confidence_ppm", "0");
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
            {"outcome", outcome_name(line.outcome)}};
  if (line.outcome != TryOutcome::answered) json["reason"] = line.reason;
  return write_compact(json) + '\n';
}

Result<TestimonyLine> read_testimony(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "testimony"));
  TestimonyLine out;
  out.number = static_cast<unsigned>(TRY(fields.integer("try", kAuditTriesMax)));
  out.time_unix_s = TRY(fields.time("time"));
  out.elapsed_ms = TRY(fields.integer("elapsed_ms"));
  const auto outcome = TRY(fields.text("outcome", 16));
  if (outcome == "silent")
    out.outcome = TryOutcome::silent;
  else if (outcome == "invalid")
    out.outcome = TryOutcome::invalid;
  else if (outcome != "answered")
    return fields.bad("outcome", "none of answered, silent, invalid");
  if (out.outcome != TryOutcome::answered)
    out.reason = TRY(fields.text("reason", kReasonBytesMax));
  else if (fields.has("reason"))
    return fields.bad("reason", "there although it was answered");
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
  out.addresses = TRY(fields.texts("addresses", kAddressesMax, kHostAddressBytesMax));
  for (const auto& address : out.addresses)
    if (!is_address(address)) return fields.bad("addresses", "not \"ip:port\"");
  out.pieces = TRY(fields.integer("pieces", kSetPiecesMax));
  if (out.pieces == 0) return fields.bad("pieces", "0");
  TRY(fields.hex("set_hash", out.set_hash));
  return out;
}

std::string type_of(std::string_view line, std::size_t text_bytes_max) {
  const auto json = parse_object(line, text_bytes_max);
  if (!json) return "";
  return Fields(*json, "").text("type", 64).value_or("");
}

}  // namespace inxt::format
