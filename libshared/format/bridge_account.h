// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge says of an account, and how a permit is revoked.  Wire: inxt-bridge(7).
#pragma once

#include <string>
#include <vector>

#include "format/bridge_capability.h"

namespace inxt::format {

/// One holder on the way from the Bridge to the account, with what is used under its permit by all that come
/// after it.
struct AccountLink {
  AccountId holder;
  PermitId permit{};
  Abilities can;
  std::optional<std::uint64_t> quota_bytes = {};
  std::uint64_t used_bytes = 0;
  std::int64_t expires_unix_s = 0;
};

struct BridgeAccount {
  AccountId account;
  std::vector<AccountLink> links;  // the Bridge's own permit first
  std::optional<std::uint64_t> left_bytes =
      {};                        // the least that any link has left; none where none has a quota
  std::uint64_t placements = 0;  // that have not ended
};
std::string write_bridge_account(const BridgeAccount& account);
/// Errors: integrity.
Result<BridgeAccount> read_bridge_account(std::string_view line);

/// POST /v1/permits/revoke.
std::string write_revocation(const PermitId& permit);
Result<PermitId> read_revocation(std::string_view body);

}  // namespace inxt::format
