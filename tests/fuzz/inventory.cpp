// SPDX-License-Identifier: AGPL-3.0-or-later
// A Host's inventory.  First byte: which line or request the text is, or that the bytes are keys of a tree.
// What is accepted is written and read again; and a line that leads to the root of the manual's example tells
// the truth about it.
#include <algorithm>

#include "format/inclusion_line.h"
#include "fuzz/support/fuzz.h"
#include "proof/inventory_tree.h"

namespace inxt::fuzz {
namespace {

using proof::InventoryLeaf;

InventoryLeaf leaf_of(std::string_view piece, std::uint64_t size,
                      std::initializer_list<std::byte> contracts) {
  std::vector<crypto::Hash> blinded;
  for (const std::byte number : contracts) {
    crypto::Hash contract;
    contract.fill(number);
    blinded.push_back(proof::blinded_contract(contract));
  }
  std::ranges::sort(blinded);
  return {.piece = *PieceId::parse(piece),
          .size_bytes = size,
          .contracts = static_cast<std::uint32_t>(blinded.size()),
          .contracts_root = proof::contracts_root(blinded)};
}

// inxt-inventory(5), EXAMPLES.
const std::vector<InventoryLeaf>& example() {
  static const std::vector<InventoryLeaf> leaves = {
      leaf_of("33a983054dea157811baa81d8e80ed1a026da144b560fd19fdc344305ed17b58", 16, {std::byte{0x68}}),
      leaf_of("5d457ce6215bfc06d0e96a7f0c4c4002e5326b3221ba5ebdad15cffb1af704f6", 10000,
              {std::byte{0x69}, std::byte{0x6a}}),
      leaf_of("89168c752d7249379745c3de11f729fb07ddfa2c56f329d644ec82f3e77e7097", 1, {std::byte{0x6b}})};
  return leaves;
}
const proof::InventoryBranch& example_root() {
  static const auto root = [] {
    const auto branch = *proof::inventory_branch(example());
    CHECK_BUG(to_hex(branch.hash) == "7e6e70e3d31446d70663bab097beeb7fa78a1d5dbeb17d3f00ff32974f54dc47");
    return branch;
  }();
  return root;
}

bool in_example(const PieceId& piece) {
  return std::ranges::find(example(), piece, &InventoryLeaf::piece) != example().end();
}

std::string_view without_newline(std::string_view line) {
  CHECK_BUG(line.ends_with('\n'));
  line.remove_suffix(1);
  return line;
}

/// Whether it was read, as this.
template <class Value>
bool is(const Result<Value>& read, const Value& value) {
  return read && *read == value;
}

void inclusion(std::string_view text) {
  const auto line = format::read_inclusion(text, "line");
  // Differential: both ways read the same, and refuse the same.
  const auto strict = format::read_inclusion_strictly(text, "line");
  CHECK_BUG(line.has_value() == strict.has_value());
  if (!line) {
    CHECK_BUG(line.error().what == strict.error().what && !format::read_inclusion_as_written(text));
    return;
  }
  CHECK_BUG(*line == *strict);
  const auto written = format::write_inclusion(*line);
  // White space may have made room for what compact text needs.
  if (written.size() <= format::kLineBytesMax)
    CHECK_BUG(is(format::read_inclusion(without_newline(written), "line"), *line));
  const auto shown = proof::verify_inclusion(line->leaf, line->steps);
  if (shown && shown->root == example_root())
    CHECK_BUG(std::ranges::find(example(), line->leaf) != example().end() &&
              line->steps == proof::inventory_path(example(), line->leaf.piece)->steps);
  crypto::Hash contract;
  contract.fill(std::byte{0x69});
  (void)format::check_contract(*line, proof::blinded_contract(contract));
}

void exclusion(std::string_view text) {
  const auto line = format::read_exclusion(text, "line");
  if (!line) return;
  const auto written = format::write_exclusion(*line);
  if (written.size() <= format::kLineBytesMax)
    CHECK_BUG(is(format::read_exclusion(without_newline(written), "line"), *line));
  const auto root = proof::verify_exclusion(line->piece, line->path);
  if (root && *root == example_root())
    CHECK_BUG(!in_example(line->piece) && line->path == *proof::inventory_path(example(), line->piece));
}

void head(std::string_view text) {
  (void)format::read_head(text, "line");
  const auto line =
      sign_again(with_hex_member(std::string(text), "host", signer_hex()), "inxt/v1/inventory-head-line", {});
  const auto read = format::read_head(line, "line");
  if (!read) return;
  const auto again = format::read_head(without_newline(format::sign_head(read->head, signing_key())), "line");
  CHECK_BUG(again && again->head == read->head);
  CHECK_BUG(format::heads_conflict(*read, *again) == (read->hash != again->hash));
  CHECK_BUG(!format::check_follows(*read, *again));
}

void lookup(std::string_view text) {
  const auto request = format::read_lookup(text);
  if (!request) return;
  CHECK_BUG(!request->pieces.empty() && request->pieces.size() <= format::kLookupPiecesMax);
  const auto back = format::read_lookup(format::write_lookup(*request));
  CHECK_BUG(back && back->pieces == request->pieces && back->head == request->head);
}

void witness(std::string_view text) {
  (void)format::read_witness(text, "line");
  const auto read = format::read_witness(
      sign_again(with_hex_member(std::string(text), "witness", signer_hex()), "inxt/v1/witness", {}), "line");
  if (read)
    CHECK_BUG(
        is(format::read_witness(without_newline(format::sign_witness(*read, signing_key())), "line"), *read));
}

/// Keys of three bytes each, spread over the id so that they share prefixes of many lengths.
void tree(ByteView input) {
  std::vector<InventoryLeaf> leaves;
  PieceId asked;
  asked.bytes[0] = static_cast<std::byte>(take_byte(input));
  for (; input.size() >= 3 && leaves.size() < 200; input = input.subspan(3)) {
    InventoryLeaf leaf{.piece = {}, .size_bytes = 1, .contracts = 1, .contracts_root = {}};
    leaf.piece.bytes[0] = input[0] & std::byte{0x81};
    leaf.piece.bytes[1] = input[1];
    leaf.piece.bytes[std::to_integer<std::size_t>(input[0]) >> 1U & 31U] ^= input[2];
    leaf.size_bytes += std::to_integer<std::uint64_t>(input[2]) * 100;
    leaves.push_back(leaf);
  }
  if (!leaves.empty()) asked.bytes[1] = leaves.front().piece.bytes[1];
  std::ranges::sort(leaves, {}, &InventoryLeaf::piece);
  const auto same = std::ranges::unique(leaves, {}, &InventoryLeaf::piece);
  leaves.erase(same.begin(), same.end());

  const auto folder_of = [&](std::size_t folder) -> std::span<const InventoryLeaf> {
    const auto [first, last] = std::ranges::equal_range(
        leaves, folder, {}, [](const InventoryLeaf& leaf) { return proof::inventory_folder(leaf.piece); });
    return {first, last};
  };
  const auto root = *proof::inventory_branch(leaves);
  proof::InventoryTop top;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const auto folder = proof::inventory_folder(leaves[i].piece);
    if (i == 0 || proof::inventory_folder(leaves[i - 1].piece) != folder)
      CHECK_BUG(top.set(folder, *proof::inventory_branch(folder_of(folder))));
  }
  CHECK_BUG(top.root() == root);
  std::vector<PieceId> pieces{asked, {}};
  for (std::size_t i = 0; i < leaves.size(); i += 1 + leaves.size() / 8) pieces.push_back(leaves[i].piece);
  for (const auto& piece : pieces) {
    const auto path = *proof::inventory_path(leaves, piece);
    const auto folder = top.folder_for(piece);
    CHECK_BUG(is(top.path_to(piece, folder ? folder_of(*folder) : std::span<const InventoryLeaf>()), path));
    const bool there = std::ranges::binary_search(leaves, piece, {}, &InventoryLeaf::piece);
    CHECK_BUG(path.includes(piece) == there);
    if (there) {
      const auto shown = proof::verify_inclusion(std::get<InventoryLeaf>(path.end), path.steps);
      CHECK_BUG(shown && shown->root == root);
      const auto place = proof::locate_leaf(leaves, shown->first_block);
      CHECK_BUG(place && leaves[place->index].piece == piece);
    } else {
      CHECK_BUG(is(proof::verify_exclusion(piece, path), root));
    }
  }
}

}  // namespace

void fuzz(ByteView input) {
  const auto selector = take_byte(input) % 7;
  const auto text = text_of(input);
  if (selector == 0) inclusion(text);
  if (selector == 1) exclusion(text);
  if (selector == 2) head(text);
  if (selector == 3) lookup(text);
  if (selector == 4) witness(text);
  if (selector == 5) {
    const auto hash = format::read_witness_request(text);
    if (hash) CHECK_BUG(is(format::read_witness_request(format::write_witness_request(*hash)), *hash));
  }
  if (selector == 6) tree(input);
}

}  // namespace inxt::fuzz
