// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/audit_lines.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crypto/labels.h"
#include "format/layout.h"
#include "format/manifest_chain.h"
#include "proof/tree.h"

namespace inxt::format {
namespace {

constexpr std::uint64_t kBlocksMax = kShardBytesMax / proof::kBlockBytes;

}  // namespace

std::string write_request(const AuditRequest& request) {
  Json samples = Json::array();
  for (const auto& sample : request.samples) {
    Json pair = Json::array();
    pair.push_back(sample.piece.hex());
    pair.push_back(sample.block);
    samples.push_back(std::move(pair));
  }
  Json json;
  json["type"] = "challenge";
  json["challenge"] = to_hex(request.challenge);
  json["samples"] = std::move(samples);
  return write_compact(json);
}

Result<AuditRequest> read_request(std::string_view body) {
  if (body.size() > kAuditRequestBytesMax)
    return fail(Code::integrity, fmt::format("audit request: longer than {} bytes (kAuditRequestBytesMax)",
                                             kAuditRequestBytesMax));
  const auto json = TRY_IN("audit request", parse_object(body, kAuditRequestBytesMax));
  const Fields fields(json, "audit request");
  TRY(fields.expect("type", "challenge"));
  AuditRequest out;
  TRY(fields.hex("challenge", out.challenge));
  const auto samples = json.find("samples");
  if (samples == json.end() || !samples->is_array() || samples->empty())
    return fields.bad("samples", "not a list");
  if (samples->size() > kSamplesPerRequestMax)
    return fields.bad("samples", fmt::format("more than {} (kSamplesPerRequestMax)", kSamplesPerRequestMax));
  for (const auto& pair : *samples) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number_unsigned())
      return fields.bad("samples", "not a list of [piece, block]");
    const auto block = pair[1].get<std::uint64_t>();
    if (block >= kBlocksMax) return fields.bad("samples", "a block past the largest piece");
    out.samples.push_back(
        {TRY_IN("audit request: samples", PieceId::parse(pair[0].get_ref<const std::string&>())),
         static_cast<std::uint32_t>(block)});
  }
  return out;
}

std::string write_proof(const ProofLine& line) {
  Json json;
  json["type"] = "proof";
  json["piece"] = line.sample.piece.hex();
  json["block"] = line.sample.block;
  if (line.missing) {
    json["missing"] = true;
  } else {
    json["size"] = line.size;
    json["data"] = to_base64url(line.data);
    Json path = Json::array();
    for (const auto& hash : line.path) path.push_back(to_base64url(hash));
    json["path"] = std::move(path);
  }
  return write_compact(json) + '\n';
}

Result<ProofLine> read_proof(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "proof"));
  ProofLine out;
  out.sample.piece = TRY(fields.id<PieceId>("piece"));
  out.sample.block = static_cast<std::uint32_t>(TRY(fields.integer("block", kBlocksMax - 1)));
  if (fields.has("missing")) {
    if (!TRY(fields.boolean("missing"))) return fields.bad("missing", "false");
    if (json.size() != 4) return fields.bad("missing", "stands beside something else");
    out.missing = true;
    return out;
  }
  out.size = static_cast<std::uint32_t>(TRY(fields.integer("size", kShardBytesMax)));
  out.data = TRY(fields.base64("data", proof::kBlockBytes));
  for (const auto& text : TRY(fields.texts("path", kPathHashesMax, 43)))
    TRY_IN(where, from_base64url(text, out.path.emplace_back()));
  return out;
}

std::string sign_answer(const AnswerLine& answer, const crypto::SigningKey& host) {
  const Json json{{"type", "answer"},           {"challenge", to_hex(answer.challenge)},
                  {"host", answer.host.hex()},  {"request", to_hex(answer.request)},
                  {"time", answer.time_unix_s}, {"proofs", answer.proofs},
                  {"hash", to_hex(answer.hash)}};
  return sign_line(json, crypto::label::kAnswer, {}, host) + '\n';
}

Result<AnswerLine> read_answer(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "answer"));
  AnswerLine out;
  TRY(fields.hex("challenge", out.challenge));
  out.host = TRY(fields.id<HostId>("host"));
  TRY(fields.hex("request", out.request));
  out.time_unix_s = TRY(fields.time("time"));
  out.proofs = TRY(fields.integer("proofs", kSamplesPerRequestMax));
  TRY(fields.hex("hash", out.hash));
  const auto parts = TRY_IN(where, split_signed(line));
  if (!verify_line(parts, crypto::label::kAnswer, {}, out.host.bytes))
    return fail(Code::integrity, fmt::format("{}: sig: the signature is wrong", where));
  return out;
}

}  // namespace inxt::format
