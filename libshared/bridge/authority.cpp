// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/authority.h"

#include <fmt/format.h>

#include <algorithm>

namespace inxt::bridge {

Result<Authority> Authority::open(std::string_view permits, const crypto::PublicKey& bridge,
                                  const AccountId& client, std::int64_t now_unix_s) {
  Authority out;
  out.chain_ = TRY(format::PermitChain::open(permits));
  TRY(format::check_permit(out.chain_, bridge, client, now_unix_s));
  ByteArray<64> step;
  std::ranges::copy(bridge, step.begin());
  for (const auto& link : out.chain_.links()) {
    std::ranges::copy(link.holder.bytes, step.begin() + 32);
    out.paths_.push_back(crypto::sha256(step));
    std::ranges::copy(out.paths_.back(), step.begin());
  }
  return out;
}

Result<void> check_not_revoked(database::Transaction& transaction, const Authority& authority) {
  const auto& links = authority.chain().links();
  const auto id = [&](std::size_t i) { return links[std::min(i, links.size() - 1)].id; };
  const auto rows = TRY(transaction.query("SELECT jti, issuer FROM revocations WHERE jti IN ($1, $2, $3, $4)",
                                          {id(0), id(1), id(2), id(3)}));
  for (const auto row : rows) {
    const auto jti = row.bytes<16>(0);
    const auto by = row.bytes<32>(1);
    for (const auto& link : links) {
      if (by == link.issuer)  // of this one or of one before it
        for (auto later = &link; later != links.data() + links.size(); ++later)
          if (later->id == jti)
            return fail(Code::denied, fmt::format("the permit {} was revoked", to_base64url(jti)),
                        "ask whoever gave it for another");
    }
  }
  return {};
}

Result<void> revoke_permit(database::Transaction& transaction, const format::PermitId& permit,
                           const crypto::PublicKey& issuer, const AccountId& owner, std::int64_t now_unix_s,
                           std::int64_t revoked_max) {
  const auto there = TRY(transaction.query("SELECT COUNT(*) FROM revocations WHERE owner = $1", {owner}));
  if (there[0].integer(0) >= revoked_max)
    return fail(Code::quota,
                fmt::format("{} permits of this account were revoked (kRevocationsMax)", revoked_max),
                "let permits end instead: give them for a shorter time");
  TRY(transaction.execute(
      "INSERT INTO revocations (jti, issuer, owner, revoked) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
      {permit, issuer, owner, now_unix_s}));
  return {};
}

}  // namespace inxt::bridge
