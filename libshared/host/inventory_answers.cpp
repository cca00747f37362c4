// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/inventory_answers.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/contract.h"
#include "host/block_proof.h"
#include "host/term.h"

namespace inxt::host {
namespace {

/// Why the piece need not be here any more; nothing when it must be.
Result<std::optional<std::string>> release_of(const AnswerParts& parts, const proof::InventoryLeaf& leaf,
                                              std::int64_t now_unix_s) {
  if (leaf.contracts != 1) return std::nullopt;
  const auto contracts = TRY(parts.inventory.contracts_in(parts.state, proof::inventory_folder(leaf.piece)));
  const std::vector<crypto::Hash> blinded = blinded_contracts(contracts, leaf.piece);
  if (blinded.size() != 1) return std::nullopt;
  std::optional<format::ReleasedLine> line = TRY(parts.inventory.releases().find(leaf.piece, blinded[0]));
  if (!line) return std::nullopt;
  if (!line->deletion && !line->release) {
    store::Trailer contract;
    contract.acceptance = line->acceptance;
    if (line->renewal_acceptance)
      contract.renewal = store::StoredRenewal{*line->renewal, *line->renewal_acceptance};
    if (TRY(end_of_term_unix_s(contract)) >= now_unix_s) return std::nullopt;
  }
  const format::Offer offer = TRY(format::open_offer(line->offer, std::nullopt));
  line->succession = parts.host.succession_from(offer.host);
  return format::write_released(*line);
}

struct Located {
  proof::InventoryLeaf leaf;
  std::uint64_t block = 0;
  std::vector<proof::InventoryStep> steps;
};

Result<Located> locate(const AnswerParts& parts, std::uint64_t number) {
  const proof::InventoryTop& top = parts.state.top();
  const auto folder = top.locate_folder(number);
  if (!folder) return fail(Code::usage, fmt::format("the head lists no block {}", number));
  const LeafCache::Leaves leaves = TRY(parts.inventory.leaves(parts.state, folder->index));
  const auto place = proof::locate_leaf(*leaves, number - folder->first_block);
  if (!place) return fail(Code::integrity, fmt::format("inventory: no leaf has block {}", number));
  Located located;
  located.leaf = (*leaves)[place->index];
  located.block = number - folder->first_block - place->first_block;
  located.steps = TRY(top.path_to(located.leaf.piece, *leaves)).steps;
  return located;
}

/// Whether the asked contract is among the piece's.
Result<bool> add_contract(const AnswerParts& parts, const crypto::Hash& blinded,
                          format::InclusionLine& line) {
  const auto contracts =
      TRY(parts.inventory.contracts_in(parts.state, proof::inventory_folder(line.leaf.piece)));
  std::vector<crypto::Hash> all = blinded_contracts(contracts, line.leaf.piece);
  if (all.size() != line.leaf.contracts)
    return fail(Code::integrity, "inventory: a piece has another number of contracts than its leaf");
  const auto found = std::ranges::lower_bound(all, blinded);
  if (found != all.end() && *found == blinded) {
    const auto index = static_cast<std::size_t>(found - all.begin());
    line.contract = format::ContractListed{.index = static_cast<std::uint32_t>(index),
                                           .path = proof::contract_path(all, index)};
    return true;
  }
  format::ContractAbsent absent;
  if (all.size() <= format::kContractsListedMax) absent.blinded = std::move(all);
  line.contract = std::move(absent);
  return false;
}

}  // namespace

Result<SampleAnswer> answer_sample(const AnswerParts& parts, std::uint64_t number, std::int64_t now_unix_s,
                                   const std::optional<crypto::Hash>& chain_challenge) {
  Located located = TRY(locate(parts, number));
  SampleAnswer answer;
  answer.piece = located.leaf.piece;
  answer.lines =
      format::write_inclusion({.leaf = located.leaf, .steps = std::move(located.steps), .contract = {}});
  const format::AuditSample sample{.piece = located.leaf.piece,
                                   .block = static_cast<std::uint32_t>(located.block)};
  Result<format::ProofLine> proof = prove_block(parts.host.parts().store, sample);
  if (proof) {
    if (chain_challenge) answer.link = proof::chain_link(*chain_challenge, proof->data);
    answer.lines += format::write_proof(*proof);
    return answer;
  }
  // What can be read a moment later is not missing.
  if (proof.error().code == Code::try_again) return std::unexpected(std::move(proof).error());
  answer.outcome = SampleOutcome::not_here;
  answer.missing = proof.error();
  if (proof.error().code == Code::not_found) {
    const auto released = release_of(parts, located.leaf, now_unix_s);
    if (released && *released) {
      answer.outcome = SampleOutcome::released;
      answer.missing.reset();
      answer.lines += **released;
      return answer;
    }
    if (!released) answer.missing = released.error();
  }
  answer.lines += format::write_proof(missing_block(sample));
  return answer;
}

Result<LookupAnswer> answer_lookup(const AnswerParts& parts, const format::LookupPiece& asked) {
  const proof::InventoryTop& top = parts.state.top();
  LeafCache::Leaves leaves;
  if (const auto folder = top.folder_for(asked.piece))
    leaves = TRY(parts.inventory.leaves(parts.state, *folder));
  proof::InventoryPath path =
      TRY(top.path_to(asked.piece, leaves ? std::span<const proof::InventoryLeaf>(*leaves)
                                          : std::span<const proof::InventoryLeaf>()));
  LookupAnswer answer;
  if (!path.includes(asked.piece)) {
    answer.line = format::write_exclusion({.piece = asked.piece, .path = std::move(path)});
    return answer;
  }
  format::InclusionLine line{
      .leaf = std::get<proof::InventoryLeaf>(path.end), .steps = std::move(path.steps), .contract = {}};
  answer.is_listed = asked.blinded ? TRY(add_contract(parts, *asked.blinded, line)) : true;
  answer.line = format::write_inclusion(line);
  return answer;
}

}  // namespace inxt::host
