// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-inventory(5).
#include <algorithm>

#include "format/inventory_lines.h"
#include "proof/inventory_tree.h"
#include "vectors/vectors.h"

namespace inxt::vectors {
namespace {

using proof::InventoryLeaf;

std::string without_newline(std::string line) {
  line.pop_back();
  return line;
}

Value sums_of(const proof::InventoryBranch& branch) {
  return Value{{"root", to_hex(branch.hash)}, {"blocks", branch.blocks}, {"bytes", branch.bytes}};
}

/// As a Host makes it: by folders.
Result<proof::InventoryPath> path_by_folders(std::span<const InventoryLeaf> leaves, const PieceId& piece) {
  const auto folder_of = [&](std::size_t folder) -> std::span<const InventoryLeaf> {
    const auto [first, last] = std::ranges::equal_range(
        leaves, folder, {}, [](const InventoryLeaf& leaf) { return proof::inventory_folder(leaf.piece); });
    return {first, last};
  };
  proof::InventoryTop top;
  for (const auto& leaf : leaves) {
    const auto folder = proof::inventory_folder(leaf.piece);
    const auto branch = TRY(proof::inventory_branch(folder_of(folder)));
    TRY(top.set(folder, branch));
  }
  const auto folder = top.folder_for(piece);
  return top.path_to(piece, folder ? folder_of(*folder) : std::span<const InventoryLeaf>());
}

Result<Value> run_inventory(const Value& given, ByteView) {
  std::vector<InventoryLeaf> leaves;
  for (const auto& entry : given.at("leaves")) {
    InventoryLeaf leaf{.piece = *PieceId::parse(entry.at(0).get<std::string>()),
                       .size_bytes = entry.at(1).get<std::uint64_t>(),
                       .contracts = entry.at(2).get<std::uint32_t>(),
                       .contracts_root = {}};
    if (!from_hex(entry.at(3).get<std::string>(), leaf.contracts_root)) throw std::runtime_error("root");
    leaves.push_back(leaf);
  }
  const auto asked = id_of<PieceId>(given, "asked");
  auto value = sums_of(TRY(proof::inventory_branch(leaves)));
  const auto path = TRY(proof::inventory_path(leaves, asked));
  if (TRY(path_by_folders(leaves, asked)) != path) throw std::runtime_error("two ways to one piece");
  if (path.includes(asked))
    value["line"] = without_newline(format::write_inclusion(
        {.leaf = std::get<InventoryLeaf>(path.end), .steps = path.steps, .contract = {}}));
  else
    value["line"] = without_newline(format::write_exclusion({.piece = asked, .path = path}));
  return value;
}

Result<Value> run_head(const Value&, ByteView input) {
  const auto [head, hash] = TRY(format::read_head(text_of(input), "vector"));
  auto value = sums_of(head.root);
  value["host"] = head.host.hex();
  value["epoch"] = head.epoch();
  value["time"] = head.time_unix_s;
  value["previous"] = head.previous ? Value(to_hex(*head.previous)) : Value(nullptr);
  value["pieces"] = head.pieces;
  value["hash"] = to_hex(hash);
  return value;
}

Result<Value> run_heads(const Value& given, ByteView input) {
  const auto before = TRY(format::read_head(given.at("before").get<std::string>(), "before"));
  const auto head = TRY(format::read_head(text_of(input), "vector"));
  if (format::heads_conflict(before, head) != format::heads_conflict(head, before))
    throw std::runtime_error("a conflict of one with the other only");
  return Value{{"conflict", format::heads_conflict(before, head)},
               {"follows", format::check_follows(before, head).has_value()}};
}

const char* finding_name(format::ContractFinding finding) {
  switch (finding) {
    case format::ContractFinding::not_asked:
      return "not_asked";
    case format::ContractFinding::listed:
      return "listed";
    case format::ContractFinding::absent:
      return "absent";
    case format::ContractFinding::absent_by_word:
      return "absent_by_word";
  }
  throw std::runtime_error("finding");
}

// What the line says, without a contract to check it for.
format::ContractFinding finding_said(const format::InclusionLine& line) {
  if (std::holds_alternative<format::ContractListed>(line.contract)) return format::ContractFinding::listed;
  const auto* absent = std::get_if<format::ContractAbsent>(&line.contract);
  if (absent == nullptr) return format::ContractFinding::not_asked;
  return absent->blinded ? format::ContractFinding::absent : format::ContractFinding::absent_by_word;
}

Result<Value> run_inclusion(const Value& given, ByteView input) {
  const auto line = TRY(format::read_inclusion(text_of(input), "vector"));
  const auto shown = TRY(proof::verify_inclusion(line.leaf, line.steps));
  const auto finding = given.contains("asked")
                           ? TRY(format::check_contract(line, array_of<32>(given, "asked")))
                           : finding_said(line);
  auto value = sums_of(shown.root);
  value["piece"] = line.leaf.piece.hex();
  value["first"] = shown.first_block;
  value["contract"] = finding_name(finding);
  return value;
}

Result<Value> run_exclusion(const Value&, ByteView input) {
  const auto line = TRY(format::read_exclusion(text_of(input), "vector"));
  auto value = sums_of(TRY(proof::verify_exclusion(line.piece, line.path)));
  value["piece"] = line.piece.hex();
  return value;
}

Result<Value> run_lookup(const Value&, ByteView input) {
  const auto request = TRY(format::read_lookup(text_of(input)));
  const auto& last = request.pieces.back();
  Value pair = Value::array({last.piece.hex(), nullptr});
  if (last.blinded) pair[1] = to_hex(*last.blinded);
  return Value{{"head", to_hex(request.head)}, {"pieces", request.pieces.size()}, {"last", pair}};
}

Result<Value> run_witness_request(const Value&, ByteView input) {
  return Value{{"hash", to_hex(TRY(format::read_witness_request(text_of(input))))}};
}

Result<Value> run_witness(const Value&, ByteView input) {
  const auto line = TRY(format::read_witness(text_of(input), "vector"));
  return Value{{"hash", to_hex(line.hash)}, {"witness", line.witness.hex()}, {"time", line.time_unix_s}};
}

constexpr Format kInventoryFormats[] = {{"inventory", run_inventory},
                                        {"inventory-head", run_head},
                                        {"inventory-heads", run_heads},
                                        {"inventory-inclusion", run_inclusion},
                                        {"inventory-exclusion", run_exclusion},
                                        {"inventory-lookup", run_lookup},
                                        {"witness-request", run_witness_request},
                                        {"witness", run_witness}};

}  // namespace

std::span<const Format> inventory_formats() {
  return kInventoryFormats;
}

}  // namespace inxt::vectors
