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
  const auto bad = [](std::string_view reason, std::string_view why) {
    return fail(Code::integrity, fmt::format("audit request ({}): {}", reason, why));
  };
  if (body.size() > kAuditRequestBytesMax)
    return bad("request-long",
               fmt::format("longer than {} bytes (kAuditRequestBytesMax)", kAuditRequestBytesMax));
  const auto json = TRY_IN("audit request", parse_object(body, kAuditRequestBytesMax));
  const Fields fields(json, "audit request");
  if (TRY(fields.text("type", 256)) != "challenge") return bad("request-type", "type: not \"challenge\"");
  AuditRequest out;
  TRY(fields.hex("challenge", out.challenge));
  const auto samples = json.find("samples");
  if (samples == json.end() || !samples->is_array() || samples->empty())
    return bad("request-samples", "samples: not a list");
  if (samples->size() > kSamplesPerRequestMax)
    return bad("request-samples",
               fmt::format("samples: more than {} (kSamplesPerRequestMax)", kSamplesPerRequestMax));
  for (const auto& pair : *samples) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number_unsigned())
      return bad("request-samples", "samples: not a list of [piece, block]");
    const auto piece = PieceId::parse(pair[0].get_ref<const std::string&>());
    if (!piece) return bad("request-samples", fmt::format("samples: {}", piece.error().what));
    const auto block = pair[1].get<std::uint64_t>();
    if (block >= kBlocksMax) return bad("request-block", "samples: a block past the largest piece");
    out.samples.push_back({*piece, static_cast<std::uint32_t>(block)});
  }
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
