// SPDX-License-Identifier: LGPL-3.0-or-later
// The contracts about one piece, as its leaf of the inventory commits to them: blinded, so that whoever knows
// a contract finds it and nobody else learns of an account.  Format: inxt-inventory(5), "Contracts".
#pragma once

#include "proof/inventory.h"
#include "proof/tree.h"

namespace inxt::proof {

/// H("inxt/v1/blinded-contract", 0, contract hash): what the tree is over.
Hash blinded_contract(const Hash& contract_hash);

/// The RFC 9162 tree head over blinded contracts.  REQUIRES: not empty, ascending, each once.
Hash contracts_root(std::span<const Hash> blinded);
/// From contract `index` to the root.  REQUIRES: index < blinded.size(); as above.  Cost: one hash a
/// contract.
Path contract_path(std::span<const Hash> blinded, std::size_t index);

/// Errors: integrity unless the path leads from contract `index` to the leaf's root.
Result<void> verify_contract(const InventoryLeaf& leaf, const Hash& blinded, std::uint32_t index,
                             std::span<const Hash> path);
/// Whether the contract is among those that the leaf commits to.
/// Errors: integrity unless the list is ascending, as long as the leaf says, and makes its root.
Result<bool> verify_contract_list(const InventoryLeaf& leaf, std::span<const Hash> list, const Hash& blinded);

}  // namespace inxt::proof
