// SPDX-License-Identifier: LGPL-3.0-or-later
// Room that a Bridge gives for files that inxt itself stores: a few mirrors, small (client/hidden_file.h).
#pragma once

#include <map>

#include "crypto/random.h"
#include "format/descriptor.h"
#include "keys/owner.h"
#include "transfer/bridge_accounts.h"

namespace inxt::client {

struct PlacedRoom {
  format::PlacementId placement{};
  std::vector<format::Descriptor> hosts;   // as many as mirrors, and one that stands in where there is one
  std::map<HostId, std::string> vouchers;  // one for each of them
};

struct RoomWanted {
  std::uint64_t bytes = 0;    // of ciphertext
  std::uint32_t mirrors = 3;  // or fewer, where too few Hosts qualify
  std::uint64_t price_max = 0;
  format::PlacementAllowances allow = {};
};

/// Errors: those of BridgeAccounts: quota; try_again where not even one Host qualifies; integrity as
/// check_placement().
net::Awaitable<Result<PlacedRoom>> place_room(transfer::BridgeAccounts& bridge,
                                              const keys::UploaderKeys& uploader, crypto::Random& random,
                                              RoomWanted wanted);

}  // namespace inxt::client
