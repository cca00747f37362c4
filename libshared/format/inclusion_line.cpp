// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/inclusion_line.h"

#include "format/exact_text.h"

namespace inxt::format {
namespace {

constexpr std::string_view kPiece = R"({"type":"inclusion","piece":")";
constexpr std::string_view kSize = R"(","size":)";
constexpr std::string_view kCount = R"(,"count":)";
constexpr std::string_view kRoot = R"(,"root":")";
constexpr std::string_view kSteps = R"(","steps":[)";

void add(std::string& out, std::string_view before, std::uint64_t number) {
  out += before;
  out += std::to_string(number);
}

void add_hashes(std::string& out, std::span<const crypto::Hash> hashes) {
  std::string_view before = "[\"";
  for (const auto& hash : hashes) {
    out += before;
    out += to_base64url(hash);
    out += '"';
    before = ",\"";
  }
  out += hashes.empty() ? "[]" : "]";
}

bool take_step(ExactText& text, proof::InventoryStep& step) {
  return text.literal("[") && text.number(proof::kKeyBits - 1, step.bits) && text.literal(",\"") &&
         text.base64(step.sibling.hash) && text.literal("\",") &&
         text.number(kJsonIntegerMax, step.sibling.blocks) && text.literal(",") &&
         text.number(kJsonIntegerMax, step.sibling.bytes) && text.literal("]");
}

}  // namespace

std::string write_inclusion(const InclusionLine& line) {
  std::string out;
  out.reserve(250 + 80 * line.steps.size());
  out += kPiece;
  out += line.leaf.piece.hex();
  add(out, kSize, line.leaf.size_bytes);
  add(out, kCount, line.leaf.contracts);
  out += kRoot;
  out += to_base64url(line.leaf.contracts_root);
  out += kSteps;
  std::string_view before = "[";
  for (const auto& step : line.steps) {
    add(out, before, step.bits);
    out += ",\"";
    out += to_base64url(step.sibling.hash);
    add(out, "\",", step.sibling.blocks);
    add(out, ",", step.sibling.bytes);
    out += ']';
    before = ",[";
  }
  out += ']';
  if (const auto* listed = std::get_if<ContractListed>(&line.contract)) {
    add(out, R"(,"contract":{"index":)", listed->index);
    out += R"(,"path":)";
    add_hashes(out, listed->path);
    out += '}';
  } else if (const auto* absent = std::get_if<ContractAbsent>(&line.contract)) {
    out += R"(,"contract":null)";
    if (absent->blinded) {
      out += R"(,"contracts":)";
      add_hashes(out, *absent->blinded);
    }
  }
  return out += "}\n";
}

std::optional<InclusionLine> read_inclusion_as_written(std::string_view line) {
  if (line.size() >= kLineBytesMax) return std::nullopt;
  ExactText text(line);
  std::optional<InclusionLine> out(std::in_place);
  auto& leaf = out->leaf;
  const bool begun = text.literal(kPiece) && text.hex(leaf.piece.bytes) && text.literal(kSize) &&
                     text.number(proof::kPieceBytesMax, leaf.size_bytes) && text.literal(kCount) &&
                     text.number(proof::kLeafContractsMax, leaf.contracts) && text.literal(kRoot) &&
                     text.base64(leaf.contracts_root) && text.literal(kSteps);
  if (!begun) return std::nullopt;
  if (!text.literal("]")) {
    do {
      if (out->steps.size() == proof::kStepsMax || !take_step(text, out->steps.emplace_back()))
        return std::nullopt;
    } while (text.literal(","));
    if (!text.literal("]")) return std::nullopt;
  }
  if (!text.literal("}") || !text.at_end()) return std::nullopt;
  return out;
}

Result<InclusionLine> read_inclusion(std::string_view line, const std::string& where) {
  if (auto read = read_inclusion_as_written(line)) return *std::move(read);
  return read_inclusion_strictly(line, where);
}

}  // namespace inxt::format
