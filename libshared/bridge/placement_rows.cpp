// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/placement_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "bridge/charges.h"
#include "bridge/host_room.h"
#include "bridge/host_rows.h"
#include "bridge/usage.h"

namespace inxt::bridge {
namespace {

Result<void> count_placements(database::Transaction& transaction, const UsagePath& path, std::int64_t more) {
  TRY(transaction.execute("UPDATE usage SET placements = placements + $2 WHERE path = $1", {path, more}));
  if (more < 0) return {};
  const auto rows = TRY(transaction.query("SELECT placements FROM usage WHERE path = $1", {path}));
  if (rows.empty() || rows[0].integer(0) <= kPlacementsMax) return {};
  return fail(Code::quota,
              fmt::format("{} placements of this account have not ended (kPlacementsMax)", kPlacementsMax),
              "end those that are done with, or wait for an hour");
}

struct ShareAtHost {
  std::int64_t share_bytes = 0, reserved_bytes = 0, vouched_bytes = 0;
  std::optional<AccountId> account;
};

Result<ShareAtHost> share_at(database::Transaction& transaction, const UsagePath& path, const PlacementId& id,
                             const HostId& host) {
  const auto rows =
      TRY(transaction.query("SELECT share_bytes, reserved_bytes, vouched_bytes, account FROM placement_hosts "
                            "WHERE path = $1 AND id = $2 AND host = $3",
                            {path, id, host}));
  if (rows.empty())
    return fail(Code::denied, fmt::format("Host {} is not in this placement", host.hex().substr(0, 8)));
  ShareAtHost out{.share_bytes = rows[0].integer(0),
                  .reserved_bytes = rows[0].integer(1),
                  .vouched_bytes = rows[0].integer(2),
                  .account = {}};
  if (!rows[0].is_null(3)) out.account = rows[0].id<AccountId>(3);
  return out;
}

Result<GivenVoucher> vouch_at(database::Transaction& transaction, const Authority& authority,
                              const PlacementId& id, const WantedVoucher& wanted, std::int64_t until_unix_s) {
  const auto share = TRY(share_at(transaction, authority.path(), id, wanted.host));
  if (share.account && *share.account != wanted.account)
    return fail(Code::denied,
                fmt::format("another account was vouched for at Host {}", wanted.host.hex().substr(0, 8)));
  const auto wished =
      std::clamp<std::int64_t>(wanted.bytes.value_or(share.share_bytes), 0, share.share_bytes);
  const auto more = std::max<std::int64_t>(wished - share.vouched_bytes, 0);
  // One that stands in was not reserved before.
  if (const auto missing = more - share.reserved_bytes; missing > 0) {
    TRY(take_quota(transaction, authority, missing));
    TRY(add_room(transaction, wanted.host, {.reserved_bytes = missing}));
  }
  TRY(expect_account(transaction, wanted.host, wanted.account));
  const auto all =
      TRY(vouch_for(transaction, authority.path(), wanted.host, wanted.account, more, until_unix_s));
  TRY(transaction.execute(
      "UPDATE placement_hosts SET reserved_bytes = $4, vouched_bytes = vouched_bytes + $5, "
      "account = $6 WHERE path = $1 AND id = $2 AND host = $3",
      {authority.path(), id, wanted.host, std::max<std::int64_t>(share.reserved_bytes - more, 0), more,
       wanted.account}));
  return GivenVoucher{.host = wanted.host, .account = wanted.account, .bytes = all};
}

}  // namespace

Result<std::optional<std::string>> find_placement(database::Transaction& transaction, const UsagePath& path,
                                                  const PlacementId& id, std::int64_t now_unix_s) {
  const auto rows = TRY(transaction.query(
      "SELECT answer FROM placements WHERE path = $1 AND id = $2 AND expires > $3", {path, id, now_unix_s}));
  if (rows.empty()) return std::nullopt;
  return std::string(rows[0].text(0));
}

Result<Reserved> reserve_placement(database::Transaction& transaction, const Authority& authority,
                                   const NewPlacement& placement, std::int64_t now_unix_s) {
  Reserved out;
  const auto& path = authority.path();
  out.earlier_answer = TRY(find_placement(transaction, path, placement.id, now_unix_s));
  if (out.earlier_answer) return out;
  for (const auto& host : placement.hosts) out.reserved_bytes += host.reserved_bytes;
  TRY(end_placement(transaction, path, placement.id));  // one of that name that is over
  TRY(take_quota(transaction, authority, out.reserved_bytes));
  TRY(transaction.execute(
      "INSERT INTO placements (path, id, answer, reserved_bytes, expires) VALUES ($1, $2, $3, $4, $5)",
      {path, placement.id, placement.answer, out.reserved_bytes, now_unix_s + kPlacementLifeS}));
  TRY(count_placements(transaction, path, 1));
  for (const auto& host : placement.hosts) {
    TRY(transaction.execute(
        "INSERT INTO placement_hosts (path, id, host, share_bytes, reserved_bytes, vouched_bytes) "
        "VALUES ($1, $2, $3, $4, $5, 0)",
        {path, placement.id, host.host, host.share_bytes, host.reserved_bytes}));
    if (host.reserved_bytes == 0) continue;
    if (TRY(add_room(transaction, host.host, {.reserved_bytes = host.reserved_bytes})).reserved_bytes >
        host.free_bytes)
      out.full.push_back(host.host);
  }
  return out;
}

Result<std::vector<GivenVoucher>> vouch_for_placement(database::Transaction& transaction,
                                                      const Authority& authority, const PlacementId& id,
                                                      const std::vector<WantedVoucher>& wanted,
                                                      std::int64_t now_unix_s) {
  const std::int64_t until = now_unix_s + kPlacementLifeS;
  const auto touched = TRY(
      transaction.execute("UPDATE placements SET expires = $4 WHERE path = $1 AND id = $2 AND expires > $3",
                          {authority.path(), id, now_unix_s, until}));
  if (touched == 0)
    return fail(Code::not_found, "there is no such placement, or it has ended", "ask for a new one");
  std::vector<GivenVoucher> out;
  for (const auto& each : wanted) out.push_back(TRY(vouch_at(transaction, authority, id, each, until)));
  return out;
}

Result<bool> end_placement(database::Transaction& transaction, const UsagePath& path, const PlacementId& id) {
  const auto rows = TRY(transaction.query(
      "SELECT host, reserved_bytes, vouched_bytes FROM placement_hosts WHERE path = $1 AND id = $2",
      {path, id}));
  std::int64_t reserved = 0;
  for (const auto row : rows) {
    reserved += row.integer(1);
    const auto spoken_for = row.integer(1) + row.integer(2);
    if (spoken_for == 0) continue;
    TRY(add_room(transaction, row.id<HostId>(0), {.reserved_bytes = -spoken_for}));
  }
  const auto ended =
      TRY(transaction.execute("DELETE FROM placements WHERE path = $1 AND id = $2", {path, id}));
  if (ended == 0) return false;
  TRY(add_usage(transaction, path, -reserved));
  TRY(count_placements(transaction, path, -1));
  TRY(forget_unused(transaction, path));
  return true;
}

Result<std::int64_t> placements_of(database::Transaction& transaction, const UsagePath& path) {
  const auto rows = TRY(transaction.query("SELECT placements FROM usage WHERE path = $1", {path}));
  return rows.empty() ? 0 : rows[0].integer(0);
}

Result<std::int64_t> end_old_placements(database::Transaction& transaction, std::int64_t now_unix_s) {
  const auto rows =
      TRY(transaction.query("SELECT path, id FROM placements WHERE expires <= $1 ORDER BY expires LIMIT $2",
                            {now_unix_s, kPlacementsEndedAtOnceMax}));
  for (const auto row : rows) TRY(end_placement(transaction, row.bytes<32>(0), row.bytes<16>(1)));
  return static_cast<std::int64_t>(rows.size());
}

}  // namespace inxt::bridge
