// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/inventory_lines.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "crypto/labels.h"
#include "format/manifest_chain.h"
#include "proof/inventory_tree.h"
#include "support/hex.h"
#include "support/lines.h"

namespace inxt::format {
namespace {

using testing::says;
using testing::without_newline;

crypto::SigningKey host_key() {
  return crypto::SigningKey::from_seed(Bytes(32, std::byte{0x11}));
}

PieceId piece(int first) {
  PieceId out;
  out.bytes[0] = static_cast<std::byte>(first);
  return out;
}

InventoryHead head_at(std::int64_t time) {
  const auto key = host_key();
  return {.host = {key.public_key()},
          .time_unix_s = time,
          .previous = std::nullopt,
          .pieces = 2,
          .root = {.hash = crypto::sha256(view_of("root")), .blocks = 4, .bytes = 10016}};
}

SignedHead read_back(const InventoryHead& head) {
  return read_head(without_newline(sign_head(head, host_key())), "head").value();
}

TEST_CASE("a head is read as it was signed") {
  auto head = head_at(1'700'000'000);
  const auto line = sign_head(head, host_key());
  const auto first = read_head(without_newline(line), "head").value();
  CHECK(first.head == head);
  CHECK(first.head.epoch() == 472'222);
  const auto body = split_signed(without_newline(line))->body;
  CHECK(first.hash == crypto::labelled_hash("inxt/v1/inventory-head", {view_of(body)}));
  head.previous = first.hash;
  head.time_unix_s += kEpochSeconds;
  const auto second = read_back(head);
  CHECK(second.head == head);
  CHECK(check_follows(first, second));
  CHECK(says(check_follows(second, first), "previous"));
  head.time_unix_s -= kEpochSeconds;
  CHECK(says(check_follows(first, read_back(head)), "epoch"));
  const InventoryHead nothing{
      .host = head.host, .time_unix_s = 0, .previous = std::nullopt, .pieces = 0, .root = {}};
  CHECK(read_back(nothing).head == nothing);

  std::string forged = line;
  forged.replace(forged.find("10016"), 5, "10017");
  CHECK(says(read_head(without_newline(forged), "head"), "sig: the signature is wrong"));
  auto stranger = head_at(1'700'000'000);
  stranger.host.bytes = crypto::SigningKey::from_seed(Bytes(32, std::byte{0x22})).public_key();
  CHECK(says(read_head(without_newline(sign_head(stranger, host_key())), "head"),
             "sig: the signature is wrong"));
}

TEST_CASE("two heads of one epoch or with one previous are evidence") {
  const auto a = head_at(1'700'000'000);
  auto b = a;
  CHECK_FALSE(heads_conflict(read_back(a), read_back(b)));  // the same head
  b.time_unix_s += 1;
  CHECK(heads_conflict(read_back(a), read_back(b)));  // one epoch, and both the first
  b.previous = read_back(a).hash;
  CHECK(heads_conflict(read_back(a), read_back(b)));  // one epoch
  b.time_unix_s += kEpochSeconds;
  CHECK_FALSE(heads_conflict(read_back(a), read_back(b)));
  auto c = b;
  c.time_unix_s += kEpochSeconds;
  CHECK(heads_conflict(read_back(b), read_back(c)));  // one previous
  c.host.bytes = crypto::SigningKey::from_seed(Bytes(32, std::byte{0x22})).public_key();
  CHECK_FALSE(heads_conflict(read_back(b), {.head = c, .hash = {}}));  // of another Host
}

TEST_CASE("a head whose numbers cannot be is refused although it is signed") {
  const auto refused = [](auto change, std::string_view words) {
    auto head = head_at(1'700'000'000);
    change(head);
    return says(read_head(without_newline(sign_head(head, host_key())), "head"), words);
  };
  CHECK(refused([](auto& head) { head.pieces = 0; }, "zeros"));
  CHECK(refused([](auto& head) { head.pieces = 5; }, "more than blocks"));
  CHECK(refused([](auto& head) { head.root.blocks = 0; }, "cannot be"));
  CHECK(refused([](auto& head) { head.root.bytes = 4 * 4096 + 1; }, "cannot be"));
  CHECK(refused([](auto& head) { head.root.blocks = proof::kInventoryBlocksEnd; }, "kInventoryBlocksEnd"));
  auto largest = head_at(1'700'000'000);
  largest.root.blocks = proof::kInventoryBlocksEnd - 1;
  largest.root.bytes = largest.root.blocks * 4096;
  CHECK(read_back(largest).head == largest);
}

TEST_CASE("the longest inclusion that can be fits a line") {
  InclusionLine line;
  line.leaf = {.piece = {}, .size_bytes = proof::kPieceBytesMax, .contracts = 100, .contracts_root = {}};
  line.leaf.piece.bytes.fill(std::byte{0xff});
  // 2^39 pieces: steps of the mean length, and ten more.
  for (unsigned i = 0; i < 49; ++i)
    line.steps.push_back(
        {.bits = 100 + i, .sibling = {.hash = {}, .blocks = 1ULL << 39, .bytes = 1ULL << 51}});
  auto& absent = line.contract.emplace<ContractAbsent>();
  absent.blinded.emplace(60);
  CHECK(write_inclusion(line).size() <= kLineBytesMax);
  line.steps.resize(39);
  line.leaf.contracts = kContractsListedMax;
  absent.blinded->resize(kContractsListedMax);
  for (auto& step : line.steps) step.sibling.blocks = 99'999'999, step.sibling.bytes = 999'999'999'999;
  CHECK(write_inclusion(line).size() <= kLineBytesMax);
  const auto text = write_inclusion(line);
  CHECK(read_inclusion(without_newline(text), "line").value() == line);
  // As many as the limit, in lines of a small Host.
  line.contract.emplace<ContractListed>() = {.index = 5, .path = proof::Path(kContractPathMax)};
  line.steps.assign(proof::kStepsMax, {.bits = 1, .sibling = {.hash = {}, .blocks = 10, .bytes = 10}});
  CHECK(read_inclusion(without_newline(write_inclusion(line)), "line").value() == line);
  line.steps.push_back(line.steps[0]);
  CHECK(says(read_inclusion(without_newline(write_inclusion(line)), "line"), "kStepsMax"));
}

TEST_CASE("inclusions, exclusions and contracts are read as they were written, and lead to the root") {
  std::vector<proof::InventoryLeaf> leaves;
  std::vector<crypto::Hash> blinded;
  for (const auto name : {"a", "b", "c"})
    blinded.push_back(proof::blinded_contract(crypto::sha256(view_of(name))));
  std::ranges::sort(blinded);
  for (const int first : {0x10, 0x20, 0x21, 0x80})
    leaves.push_back({.piece = piece(first),
                      .size_bytes = 5000,
                      .contracts = 3,
                      .contracts_root = proof::contracts_root(blinded)});
  const auto root = proof::inventory_branch(leaves).value();
  for (const auto& leaf : leaves) {
    InclusionLine line{
        .leaf = leaf, .steps = proof::inventory_path(leaves, leaf.piece)->steps, .contract = {}};
    const auto back = read_inclusion(without_newline(write_inclusion(line)), "line").value();
    CHECK(back == line);
    CHECK(proof::verify_inclusion(back.leaf, back.steps)->root == root);
    CHECK(check_contract(back, blinded[1]).value() == ContractFinding::not_asked);
    line.contract = ContractListed{.index = 1, .path = proof::contract_path(blinded, 1)};
    const auto listed = read_inclusion(without_newline(write_inclusion(line)), "line").value();
    CHECK(listed == line);
    CHECK(check_contract(listed, blinded[1]).value() == ContractFinding::listed);
    CHECK(says(check_contract(listed, blinded[2]), "does not lead"));
    line.contract = ContractAbsent{.blinded = blinded};
    const auto absent = read_inclusion(without_newline(write_inclusion(line)), "line").value();
    CHECK(absent == line);
    CHECK(check_contract(absent, crypto::Hash{}).value() == ContractFinding::absent);
    CHECK(says(check_contract(absent, blinded[0]), "among them"));
    line.contract = ContractAbsent{.blinded = std::nullopt};
    const auto word = read_inclusion(without_newline(write_inclusion(line)), "line").value();
    CHECK(word == line);
    CHECK(check_contract(word, blinded[0]).value() == ContractFinding::absent_by_word);
  }
  for (const int first : {0x00, 0x22, 0x40, 0x90, 0xff}) {
    const ExclusionLine line{.piece = piece(first),
                             .path = proof::inventory_path(leaves, piece(first)).value()};
    const auto back = read_exclusion(without_newline(write_exclusion(line)), "line").value();
    CHECK(back == line);
    CHECK(proof::verify_exclusion(back.piece, back.path).value() == root);
  }
  const ExclusionLine empty{.piece = piece(1), .path = {}};
  CHECK(read_exclusion(without_newline(write_exclusion(empty)), "line").value() == empty);
}

TEST_CASE("a lookup of 256 pieces fits its limit") {
  LookupRequest request;
  for (std::size_t i = 0; i < kLookupPiecesMax; ++i)
    request.pieces.push_back(
        {.piece = piece(1), .blinded = i % 2 == 0 ? std::optional(crypto::Hash{}) : std::nullopt});
  const auto text = write_lookup(request);
  CHECK(text.size() <= kLookupRequestBytesMax);
  CHECK(read_lookup(text)->pieces == request.pieces);
  request.pieces.push_back(request.pieces[0]);
  CHECK(says(read_lookup(write_lookup(request)), "kLookupPiecesMax"));
  CHECK(says(read_lookup(std::string(kLookupRequestBytesMax + 1, ' ')), "kLookupRequestBytesMax"));
}

TEST_CASE("a witness signs the hash and the time") {
  const auto hash = crypto::sha256(view_of("head"));
  CHECK(read_witness_request(write_witness_request(hash)).value() == hash);
  CHECK(says(read_witness_request(std::string(kWitnessRequestBytesMax + 1, ' ')), "kWitnessRequestBytesMax"));
  const WitnessLine line{.hash = hash, .witness = {host_key().public_key()}, .time_unix_s = 1'700'000'000};
  const auto text = sign_witness(line, host_key());
  CHECK(read_witness(without_newline(text), "line").value() == line);
  std::string forged = text;
  forged.replace(forged.find("1700000000"), 10, "1700000001");
  CHECK(says(read_witness(without_newline(forged), "line"), "sig: the signature is wrong"));
}

}  // namespace
}  // namespace inxt::format
