// SPDX-License-Identifier: LGPL-3.0-or-later
// What a request can want from a Host.  Wire: inxt-wire(7), "Requests".
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace inxt::host {

enum class Action {
  health,
  descriptor,
  put_piece,
  get_piece,
  head_piece,
  remove_piece,
  get_contract,
  list_contracts,
  renew_contract,
  audit,
  inventory,
  inventory_heads,
  inventory_audit,
  inventory_lookup,
  witness,
  reach,
  take_transfer,
  release_contract,
  none,  // a path or a method that is not served; stays last
};

inline constexpr std::size_t kActions = static_cast<std::size_t>(Action::none) + 1;

/// By Action: the names that status and metrics show.
inline constexpr std::array<std::string_view, kActions> kActionNames{"health",
                                                                     "descriptor",
                                                                     "put_piece",
                                                                     "get_piece",
                                                                     "head_piece",
                                                                     "remove_piece",
                                                                     "get_contract",
                                                                     "list_contracts",
                                                                     "renew_contract",
                                                                     "audit",
                                                                     "inventory",
                                                                     "inventory_heads",
                                                                     "inventory_audit",
                                                                     "inventory_lookup",
                                                                     "witness",
                                                                     "reach",
                                                                     "take_transfer",
                                                                     "release_contract",
                                                                     "none"};

constexpr std::string_view action_name(Action action) {
  return kActionNames[static_cast<std::size_t>(action)];
}

}  // namespace inxt::host
