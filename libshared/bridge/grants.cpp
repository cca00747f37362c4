// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/grants.h"

#include <fmt/format.h>

#include <algorithm>

#include "bridge/usage.h"
#include "format/json.h"

namespace inxt::bridge {

Result<void> add_grant(database::Transaction& transaction, const Grant& grant) {
  if (grant.note.size() > kGrantNoteBytesMax)
    return fail(Code::usage,
                fmt::format("the note has more than {} bytes (kGrantNoteBytesMax)", kGrantNoteBytesMax));
  if (!format::is_utf8(grant.note) || grant.note.find('\0') != std::string::npos)
    return fail(Code::usage, "the note is no text");
  TRY(
      transaction.execute("INSERT INTO grants (jti, holder, can, quota_bytes, note, granted, expires) "
                          "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                          {grant.id, grant.holder, grant.can.text(), grant.quota_bytes, grant.note,
                           grant.granted_unix_s, grant.expires_unix_s}));
  return {};
}

Result<std::vector<Grant>> list_grants(database::Transaction& transaction, const crypto::PublicKey& bridge,
                                       const std::optional<format::PermitId>& after, std::int64_t limit) {
  const auto rows = TRY(
      transaction.query("SELECT g.jti, g.holder, g.can, g.quota_bytes, g.note, g.granted, g.expires, "
                        "COALESCE(u.used_bytes, 0), r.revoked "
                        "FROM grants g LEFT JOIN usage u ON u.holder = g.holder AND u.parent IS NULL "
                        "LEFT JOIN revocations r ON r.jti = g.jti AND r.issuer = $1 "
                        "WHERE g.jti > $2 ORDER BY g.jti LIMIT $3",
                        {bridge, after ? ByteView(*after) : ByteView(), std::min(limit, kGrantsListedMax)}));
  std::vector<Grant> out;
  for (const auto row : rows)
    out.push_back({.id = row.bytes<16>(0),
                   .holder = row.id<AccountId>(1),
                   .can = TRY(format::Abilities::parse(row.text(2))),
                   .quota_bytes = row.integer(3),
                   .note = std::string(row.text(4)),
                   .granted_unix_s = row.integer(5),
                   .expires_unix_s = row.integer(6),
                   .used_bytes = row.integer(7),
                   .is_revoked = !row.is_null(8)});
  return out;
}

}  // namespace inxt::bridge
