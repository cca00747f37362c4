// SPDX-License-Identifier: LGPL-3.0-or-later
// Permits that a Bridge's operator gives.  Each function is a part of the caller's transaction.
#pragma once

#include <string>
#include <vector>

#include "bridge/authority.h"

namespace inxt::bridge {

inline constexpr std::size_t kGrantNoteBytesMax = 256;
inline constexpr std::int64_t kGrantsListedMax = 10'000;

struct Grant {
  format::PermitId id{};
  AccountId holder;
  format::Abilities can;
  std::int64_t quota_bytes = 0;
  std::string note;
  std::int64_t granted_unix_s = 0;
  std::int64_t expires_unix_s = 0;
  // As it is now; not read by add_grant().
  std::int64_t used_bytes =
      0;  // by the holder and whoever it gave permits to, under all of its grants together
  bool is_revoked = false;
};

/// Errors: usage for a note that is too long or no text; the database's.
Result<void> add_grant(database::Transaction& transaction, const Grant& grant);

/// In the order of their ids, those behind `after`; at most `limit`, and kGrantsListedMax.
Result<std::vector<Grant>> list_grants(database::Transaction& transaction, const crypto::PublicKey& bridge,
                                       const std::optional<format::PermitId>& after, std::int64_t limit);

}  // namespace inxt::bridge
