// SPDX-License-Identifier: LGPL-3.0-or-later
#include "proof/inventory_contracts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/labels.h"

namespace inxt::proof {
namespace {

bool is_ascending(std::span<const Hash> hashes) {
  return std::ranges::adjacent_find(hashes, std::ranges::greater_equal()) == hashes.end();
}

std::vector<Hash> leaves_of(std::span<const Hash> blinded) {
  CHECK_BUG(!blinded.empty() && is_ascending(blinded));
  std::vector<Hash> leaves(blinded.size());
  std::ranges::transform(blinded, leaves.begin(), [](const Hash& contract) { return leaf_hash(contract); });
  return leaves;
}

}  // namespace

Hash blinded_contract(const Hash& contract_hash) {
  return crypto::labelled_hash(crypto::label::kBlindedContract, {contract_hash});
}

Hash contracts_root(std::span<const Hash> blinded) {
  return tree_head(leaves_of(blinded));
}

Path contract_path(std::span<const Hash> blinded, std::size_t index) {
  CHECK_BUG(index < blinded.size());
  Path path;
  for (auto level = leaves_of(blinded); level.size() > 1; index /= 2) {
    if ((index ^ 1) < level.size()) path.push_back(level[index ^ 1]);
    std::vector<Hash> above;
    for (std::size_t i = 0; i + 1 < level.size(); i += 2) above.push_back(node_hash(level[i], level[i + 1]));
    if (level.size() % 2 != 0) above.push_back(level.back());
    level = std::move(above);
  }
  return path;
}

Result<void> verify_contract(const InventoryLeaf& leaf, const Hash& blinded, std::uint32_t index,
                             std::span<const Hash> path) {
  if (index >= leaf.contracts)
    return fail(Code::integrity, fmt::format("contract: index {} of {}", index, leaf.contracts));
  const auto head = head_from_path(leaf_hash(blinded), index, leaf.contracts, path);
  if (!head) return fail(Code::integrity, "contract: the path has another length than this tree's");
  if (*head != leaf.contracts_root)
    return fail(Code::integrity, "contract: the path does not lead to the leaf's root");
  return {};
}

Result<bool> verify_contract_list(const InventoryLeaf& leaf, std::span<const Hash> list,
                                  const Hash& blinded) {
  if (list.size() != leaf.contracts)
    return fail(Code::integrity,
                fmt::format("contracts: {} where the leaf counts {}", list.size(), leaf.contracts));
  if (list.empty() || !is_ascending(list)) return fail(Code::integrity, "contracts: not ascending");
  if (contracts_root(list) != leaf.contracts_root)
    return fail(Code::integrity, "contracts: they do not make the leaf's root");
  return std::ranges::binary_search(list, blinded);
}

}  // namespace inxt::proof
