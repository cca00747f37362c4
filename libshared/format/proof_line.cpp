// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/proof_line.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/exact_text.h"
#include "format/layout.h"
#include "proof/tree.h"

namespace inxt::format {
namespace {

constexpr std::uint64_t kBlocksMax = kShardBytesMax / proof::kBlockBytes;
constexpr std::string_view kPiece = R"({"type":"proof","piece":")";
constexpr std::string_view kBlock = R"(","block":)";
constexpr std::string_view kSize = R"(,"size":)";
constexpr std::string_view kData = R"(,"data":")";
constexpr std::string_view kPath = R"(","path":[)";

}  // namespace

std::string write_proof(const ProofLine& line) {
  std::string out;
  if (!line.missing) out.reserve(200 + (line.data.size() + 32 * line.path.size()) * 3 / 2);
  out += kPiece;
  out += line.sample.piece.hex();
  out += kBlock;
  out += std::to_string(line.sample.block);
  if (line.missing) return out += ",\"missing\":true}\n";
  out += kSize;
  out += std::to_string(line.size);
  out += kData;
  out += to_base64url(line.data);
  out += kPath;
  std::string_view before = "\"";
  for (const auto& hash : line.path) {
    out += before;
    out += to_base64url(hash);
    out += '"';
    before = ",\"";
  }
  return out += "]}\n";
}

std::optional<ProofLine> read_proof_as_written(std::string_view line) {
  if (line.size() >= kLineBytesMax) return std::nullopt;
  ExactText text(line);
  std::optional<ProofLine> out(std::in_place);
  const bool begun = text.literal(kPiece) && text.hex(out->sample.piece.bytes) && text.literal(kBlock) &&
                     text.number(kBlocksMax - 1, out->sample.block) && text.literal(kSize) &&
                     text.number(kShardBytesMax, out->size) && text.literal(kData) &&
                     text.base64(proof::kBlockBytes, out->data) && text.literal(kPath);
  if (!begun) return std::nullopt;
  for (bool more = text.literal("\""); more; more = text.literal(",\"")) {
    if (out->path.size() == kPathHashesMax || !text.base64(out->path.emplace_back()) || !text.literal("\""))
      return std::nullopt;
  }
  if (!text.literal("]}") || !text.at_end()) return std::nullopt;
  return out;
}

Result<ProofLine> read_proof_strictly(std::string_view line, const std::string& where) {
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

Result<ProofLine> read_proof(std::string_view line, const std::string& where) {
  if (auto read = read_proof_as_written(line)) return *std::move(read);
  return read_proof_strictly(line, where);
}

}  // namespace inxt::format
