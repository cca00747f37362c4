// SPDX-License-Identifier: LGPL-3.0-or-later
// Asks Hosts for everything that they hold under the accounts that the words give, and keeps what the tags
// say.  Tool: inxt-recover(1).
//
// Numbers are tried from 0 on, and from the first caretaker's on, until kRecoverGap in a row are known at no
// Host.  Hosts are strangers: a list that does not end, is out of order, or is full of what this owner never
// made costs no more than the limits below, and nothing that a Host says makes it look further.
#pragma once

#include <functional>

#include "client/network.h"
#include "client/recover_state.h"

namespace inxt::client {

inline constexpr std::uint32_t kRecoverGap = 20;  // numbers in a row that no Host knows
inline constexpr std::uint32_t kListPageMax = 64;
/// Contracts in one Host's list of one account that are not the owner's; then the list is left.
inline constexpr std::uint64_t kForeignContractsMax = 256;
/// Pages of one list that were not full, and not its end.
inline constexpr unsigned kThinPagesMax = 64;
inline constexpr int kListTriesMax = 4;  // of one page
inline constexpr std::int64_t kListWaitMs = 300;
/// A Host's list of one account may take so long, and so much more for each page that it gave.
inline constexpr std::int64_t kListPatienceMs = 120'000;
inline constexpr std::int64_t kListPageMsMax = 5'000;

/// What asks Hosts with the accounts of this number.  Called on the executor.
using PieceServiceOf = std::function<std::unique_ptr<transfer::PieceService>(std::uint32_t number)>;

struct RecoverListOptions {
  unsigned jobs = 32;  // Hosts asked at once
};

struct RecoverListCallbacks {
  std::function<void(std::uint64_t pieces, std::uint64_t bytes)> on_page = {};
  std::function<bool()> stopped = {};
};

/// A Host that did not tell all.
struct ListTrouble {
  HostId host;
  std::uint32_t number = 0;
  Error error;
};

struct RecoverListReport {
  std::uint64_t requests = 0;
  std::uint64_t contracts = 0;   // now; those of earlier runs are in the state
  std::uint64_t list_bytes = 0;  // of contracts' lines
  std::uint64_t foreign = 0;     // passed over: not the owner's
  std::uint32_t hosts = 0;       // that told all
  std::vector<ListTrouble> troubles = {};
};

/// Adds to `state`, which need not be empty; what is in it is not asked for again.  `hosts`: one entry for
/// each id that a Host has or had.  REQUIRES: the key is an owner's.
/// Errors: those of the state; `failure` when stopped.  A Host that fails is a trouble.
net::Awaitable<Result<RecoverListReport>> list_own_pieces(Network network, const keys::Key& key,
                                                          PieceServiceOf service_of,
                                                          std::vector<transfer::HostAddress> hosts,
                                                          RecoverState& state, RecoverListOptions options,
                                                          RecoverListCallbacks callbacks);

}  // namespace inxt::client
