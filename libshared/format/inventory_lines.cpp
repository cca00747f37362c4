// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/inventory_lines.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "crypto/labels.h"
#include "format/inclusion_line.h"
#include "format/manifest_chain.h"

namespace inxt::format {
namespace {

using crypto::Hash;
using proof::InventoryBranch;
using proof::InventoryLeaf;
using proof::InventoryNode;
using proof::InventoryStep;

constexpr std::size_t kHashLetters = 43;  // 32 bytes in base64url

std::string line_of(const Json& json) {
  return write_compact(json) + '\n';
}

Result<std::vector<Hash>> hashes_from(const Fields& fields, const char* key, std::size_t count_max) {
  std::vector<Hash> out;
  for (const auto& text : TRY(fields.texts(key, count_max, kHashLetters)))
    if (const auto read = from_base64url(text, out.emplace_back()); !read)
      return fields.bad(key, read.error().what);
  return out;
}

Json json_of(const InventoryBranch& branch) {
  Json out = Json::array();
  out.push_back(to_base64url(branch.hash));
  out.push_back(branch.blocks);
  out.push_back(branch.bytes);
  return out;
}

// Entries `first` to `first + 2` of a list that has been seen to have as many.
Result<InventoryBranch> branch_from(const Json& list, std::size_t first) {
  const auto bad = [](const char* why) { return fail(Code::integrity, why); };
  if (!list[first].is_string()) return bad("a hash is not text");
  if (!list[first + 1].is_number_unsigned() || !list[first + 2].is_number_unsigned())
    return bad("blocks or bytes are not whole numbers");
  InventoryBranch out;
  TRY(from_base64url(list[first].get_ref<const std::string&>(), out.hash));
  out.blocks = list[first + 1].get<std::uint64_t>();
  out.bytes = list[first + 2].get<std::uint64_t>();
  return out;
}

Json json_of(std::span<const InventoryStep> steps) {
  Json out = Json::array();
  for (const auto& step : steps) {
    Json entry = json_of(step.sibling);
    entry.insert(entry.begin(), step.bits);
    out.push_back(std::move(entry));
  }
  return out;
}

Result<std::vector<InventoryStep>> steps_from(const Json& json, const Fields& fields) {
  const auto steps = json.find("steps");
  if (steps == json.end() || !steps->is_array()) return fields.bad("steps", "not a list");
  if (steps->size() > proof::kStepsMax)
    return fields.bad("steps", fmt::format("more than {} (kStepsMax)", proof::kStepsMax));
  std::vector<InventoryStep> out;
  for (const auto& entry : *steps) {
    if (!entry.is_array() || entry.size() != 4 || !entry[0].is_number_unsigned())
      return fields.bad("steps", "not a list of [bits, hash, blocks, bytes]");
    const auto bits = entry[0].get<std::uint64_t>();
    if (bits >= proof::kKeyBits) return fields.bad("steps", "bits past 255");
    auto sibling = branch_from(entry, 1);
    if (!sibling) return fields.bad("steps", sibling.error().what);
    out.push_back({.bits = static_cast<unsigned>(bits), .sibling = *sibling});
  }
  return out;
}

void add_leaf(Json& json, const InventoryLeaf& leaf) {
  json["piece"] = leaf.piece.hex();
  json["size"] = leaf.size_bytes;
  json["count"] = leaf.contracts;
  json["root"] = to_base64url(leaf.contracts_root);
}

Result<InventoryLeaf> leaf_from(const Fields& fields) {
  InventoryLeaf out;
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.size_bytes = TRY(fields.integer("size", proof::kPieceBytesMax));
  out.contracts = static_cast<std::uint32_t>(TRY(fields.integer("count", proof::kLeafContractsMax)));
  TRY(fields.base64("root", out.contracts_root));
  return out;
}

// A member that is an object.
Result<Json> object_in(const Json& json, const char* key, const Fields& fields) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_object()) return fields.bad(key, "not an object");
  return *found;
}

Result<InventoryNode> node_from(const Json& json, const std::string& where) {
  const Fields fields(json, where);
  InventoryNode out;
  out.bits = static_cast<unsigned>(TRY(fields.integer("bits", proof::kKeyBits - 1)));
  out.prefix = TRY(fields.id<PieceId>("prefix"));
  for (const auto& [key, branch] : {std::pair{"left", &out.left}, std::pair{"right", &out.right}}) {
    const auto list = json.find(key);
    if (list == json.end() || !list->is_array() || list->size() != 3)
      return fields.bad(key, "not [hash, blocks, bytes]");
    auto read = branch_from(*list, 0);
    if (!read) return fields.bad(key, read.error().what);
    *branch = *read;
  }
  return out;
}

Result<proof::InventoryEnd> end_from(const Json& json, const std::string& where) {
  const Fields fields(json, where);
  if (json.size() != 1) return fail(Code::integrity, fmt::format("{}: not one member", where));
  if (fields.has("empty")) {
    if (!TRY(fields.boolean("empty"))) return fields.bad("empty", "false");
    return proof::InventoryEnd{};
  }
  if (fields.has("leaf")) {
    const Json leaf = TRY(object_in(json, "leaf", fields));
    return TRY(leaf_from(Fields(leaf, where + ": leaf")));
  }
  if (!fields.has("node")) return fail(Code::integrity, fmt::format("{}: none of empty, leaf, node", where));
  const Json node = TRY(object_in(json, "node", fields));
  return TRY(node_from(node, where + ": node"));
}

Json json_of(const proof::InventoryEnd& end) {
  Json json;
  if (const auto* leaf = std::get_if<InventoryLeaf>(&end)) {
    add_leaf(json["leaf"], *leaf);
  } else if (const auto* node = std::get_if<InventoryNode>(&end)) {
    json["node"] = Json{{"bits", node->bits},
                        {"prefix", node->prefix.hex()},
                        {"left", json_of(node->left)},
                        {"right", json_of(node->right)}};
  } else {
    json["empty"] = true;
  }
  return json;
}

Result<SignedText> signed_by(std::string_view line, std::string_view label, const HostId& signer,
                             const std::string& where) {
  const auto parts = TRY_IN(where, split_signed(line));
  if (!verify_line(parts, label, {}, signer.bytes))
    return fail(Code::integrity, fmt::format("{}: sig: the signature is wrong", where));
  return parts;
}

}  // namespace

std::string sign_head(const InventoryHead& head, const crypto::SigningKey& host) {
  Json json{{"type", "inventory"},      {"version", 1},
            {"host", head.host.hex()},  {"epoch", head.epoch()},
            {"time", head.time_unix_s}, {"previous", nullptr},
            {"pieces", head.pieces},    {"blocks", head.root.blocks},
            {"bytes", head.root.bytes}, {"root", to_hex(head.root.hash)}};
  if (head.previous) json["previous"] = to_hex(*head.previous);
  return sign_line(json, crypto::label::kInventoryHeadLine, {}, host) + '\n';
}

Result<SignedHead> read_head(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "inventory"));
  TRY(fields.check_crit({}));
  if (TRY(fields.integer("version")) != 1) return fields.bad("version", "not one that this program reads");
  SignedHead out;
  InventoryHead& head = out.head;
  head.host = TRY(fields.id<HostId>("host"));
  const auto epoch = TRY(fields.time("epoch"));
  head.time_unix_s = TRY(fields.time("time"));
  if (epoch != head.epoch()) return fields.bad("epoch", fmt::format("{} is not that of the time", epoch));
  const auto previous = json.find("previous");
  if (previous == json.end()) return fields.bad("previous", "missing");
  if (!previous->is_null()) TRY(fields.hex("previous", head.previous.emplace()));
  head.pieces = TRY(fields.integer("pieces"));
  head.root.blocks = TRY(fields.integer("blocks"));
  head.root.bytes = TRY(fields.integer("bytes"));
  TRY(fields.hex("root", head.root.hash));
  if (head.pieces == 0) {
    if (head.root != InventoryBranch{})
      return fields.bad("root", "that of the empty inventory is zeros, and its sums are 0");
  } else {
    if (auto sound = proof::check(head.root); !sound) return fields.bad("blocks", sound.error().what);
    if (head.pieces > head.root.blocks) return fields.bad("pieces", "more than blocks");
  }
  const auto parts = TRY(signed_by(line, crypto::label::kInventoryHeadLine, head.host, where));
  out.hash = crypto::labelled_hash(crypto::label::kInventoryHead, {view_of(parts.body)});
  return out;
}

bool heads_conflict(const SignedHead& a, const SignedHead& b) {
  return a.head.host == b.head.host && a.hash != b.hash &&
         (a.head.epoch() == b.head.epoch() || a.head.previous == b.head.previous);
}

Result<void> check_follows(const SignedHead& head, const SignedHead& next) {
  const auto bad = [](const char* why) { return fail(Code::integrity, why); };
  if (next.head.host != head.head.host) return bad("host: another than of the head before");
  if (next.head.previous != head.hash) return bad("previous: not the hash of the head before");
  if (next.head.epoch() <= head.head.epoch()) return bad("epoch: not behind that of the head before");
  return {};
}

Result<InclusionLine> read_inclusion_strictly(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "inclusion"));
  InclusionLine out;
  out.leaf = TRY(leaf_from(fields));
  out.steps = TRY(steps_from(json, fields));
  const auto contract = json.find("contract");
  const bool absent = contract != json.end() && contract->is_null();
  if (fields.has("contracts") && !absent)
    return fields.bad("contracts", "there although no contract is absent");
  if (absent) {
    auto& said = out.contract.emplace<ContractAbsent>();
    if (fields.has("contracts")) said.blinded = TRY(hashes_from(fields, "contracts", kContractsListedMax));
  } else if (contract != json.end()) {
    const Json object = TRY(object_in(json, "contract", fields));
    const Fields inner(object, where + ": contract");
    auto& said = out.contract.emplace<ContractListed>();
    said.index = static_cast<std::uint32_t>(TRY(inner.integer("index", proof::kLeafContractsMax - 1)));
    said.path = TRY(hashes_from(inner, "path", kContractPathMax));
  }
  return out;
}

std::string write_exclusion(const ExclusionLine& line) {
  Json json;
  json["type"] = "exclusion";
  json["piece"] = line.piece.hex();
  json["steps"] = json_of(line.path.steps);
  json["end"] = json_of(line.path.end);
  return line_of(json);
}

Result<ExclusionLine> read_exclusion(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "exclusion"));
  ExclusionLine out;
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.path.steps = TRY(steps_from(json, fields));
  const Json end = TRY(object_in(json, "end", fields));
  out.path.end = TRY(end_from(end, where + ": end"));
  return out;
}

Result<ContractFinding> check_contract(const InclusionLine& line, const Hash& blinded) {
  if (const auto* listed = std::get_if<ContractListed>(&line.contract)) {
    TRY(proof::verify_contract(line.leaf, blinded, listed->index, listed->path));
    return ContractFinding::listed;
  }
  if (const auto* absent = std::get_if<ContractAbsent>(&line.contract)) {
    if (!absent->blinded) return ContractFinding::absent_by_word;
    if (TRY(proof::verify_contract_list(line.leaf, *absent->blinded, blinded)))
      return fail(Code::integrity, "contracts: the asked contract is among them");
    return ContractFinding::absent;
  }
  return ContractFinding::not_asked;
}

std::string write_lookup(const LookupRequest& request) {
  Json pieces = Json::array();
  for (const auto& asked : request.pieces) {
    Json pair = Json::array();
    pair.push_back(asked.piece.hex());
    pair.push_back(asked.blinded ? Json(to_hex(*asked.blinded)) : Json(nullptr));
    pieces.push_back(std::move(pair));
  }
  Json json;
  json["type"] = "lookup";
  json["head"] = to_hex(request.head);
  json["pieces"] = std::move(pieces);
  return write_compact(json);
}

Result<LookupRequest> read_lookup(std::string_view body) {
  const std::string where = "lookup";
  if (body.size() > kLookupRequestBytesMax)
    return fail(Code::integrity, fmt::format("{}: longer than {} bytes (kLookupRequestBytesMax)", where,
                                             kLookupRequestBytesMax));
  const auto json = TRY_IN(where, parse_object(body, kLookupRequestBytesMax));
  const Fields fields(json, where);
  TRY(fields.expect("type", "lookup"));
  LookupRequest out;
  TRY(fields.hex("head", out.head));
  const auto pieces = json.find("pieces");
  if (pieces == json.end() || !pieces->is_array() || pieces->empty())
    return fields.bad("pieces", "not a list");
  if (pieces->size() > kLookupPiecesMax)
    return fields.bad("pieces", fmt::format("more than {} (kLookupPiecesMax)", kLookupPiecesMax));
  for (const auto& pair : *pieces) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() ||
        !(pair[1].is_string() || pair[1].is_null()))
      return fields.bad("pieces", "not a list of [piece, contract or null]");
    LookupPiece asked;
    asked.piece = TRY_IN("lookup: pieces", PieceId::parse(pair[0].get_ref<const std::string&>()));
    if (pair[1].is_string())
      TRY_IN("lookup: pieces", from_hex(pair[1].get_ref<const std::string&>(), asked.blinded.emplace()));
    out.pieces.push_back(asked);
  }
  return out;
}

std::string write_witness_request(const Hash& hash) {
  Json json;
  json["hash"] = to_hex(hash);
  return write_compact(json);
}

Result<Hash> read_witness_request(std::string_view body) {
  if (body.size() > kWitnessRequestBytesMax)
    return fail(Code::integrity,
                fmt::format("witness request: longer than {} bytes (kWitnessRequestBytesMax)",
                            kWitnessRequestBytesMax));
  const auto json = TRY_IN("witness request", parse_object(body, kWitnessRequestBytesMax));
  Hash hash;
  TRY(Fields(json, "witness request").hex("hash", hash));
  return hash;
}

std::string sign_witness(const WitnessLine& line, const crypto::SigningKey& witness) {
  const Json json{{"type", "witness"},
                  {"hash", to_hex(line.hash)},
                  {"witness", line.witness.hex()},
                  {"time", line.time_unix_s}};
  return sign_line(json, crypto::label::kWitness, {}, witness) + '\n';
}

Result<WitnessLine> read_witness(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line));
  const Fields fields(json, where);
  TRY(fields.expect("type", "witness"));
  WitnessLine out;
  TRY(fields.hex("hash", out.hash));
  out.witness = TRY(fields.id<HostId>("witness"));
  out.time_unix_s = TRY(fields.time("time"));
  TRY(signed_by(line, crypto::label::kWitness, out.witness, where));
  return out;
}

}  // namespace inxt::format
