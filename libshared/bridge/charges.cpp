// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/charges.h"

#include <algorithm>

#include "bridge/host_room.h"
#include "bridge/usage.h"
#include "format/token.h"

namespace inxt::bridge {
namespace {

struct Charge {
  UsagePath path;
  HostId host;
  AccountId account;
  std::int64_t charged_bytes = 0;
  std::int64_t voucher_bytes = 0;
  std::int64_t voucher_until_unix_s = 0;
  std::optional<std::int64_t> told_bytes;
  std::optional<std::int64_t> heard_unix_s;  // the Host
};

Charge charge_of(const database::Row& row) {
  return {.path = row.bytes<32>(0),
          .host = row.id<HostId>(1),
          .account = row.id<AccountId>(2),
          .charged_bytes = row.integer(3),
          .voucher_bytes = row.integer(4),
          .voucher_until_unix_s = row.integer(5),
          .told_bytes = row.optional_integer(6),
          .heard_unix_s = row.optional_integer(7)};
}

/// The charge, and what is known of the account at the Host where nobody else is charged for it.
Result<void> forget(database::Transaction& transaction, const Charge& charge) {
  TRY(transaction.execute("DELETE FROM charges WHERE path = $1 AND host = $2 AND account = $3",
                          {charge.path, charge.host, charge.account}));
  TRY(transaction.execute(
      "DELETE FROM host_accounts WHERE host = $1 AND account = $2 AND COALESCE(bytes, 0) = 0 "
      "AND NOT EXISTS (SELECT 1 FROM charges WHERE host = $1 AND account = $2)",
      {charge.host, charge.account}));
  return forget_unused(transaction, charge.path);
}

/// Brings one charge up to date.
Result<void> settle(database::Transaction& transaction, const Charge& charge, std::int64_t now_unix_s) {
  const bool is_vouched = charge.voucher_until_unix_s > now_unix_s;
  // A Host that was never heard is given as long, from the voucher on.
  const std::int64_t heard = std::max(charge.heard_unix_s.value_or(0), charge.voucher_until_unix_s);
  const bool is_gone = heard < now_unix_s - kHostGoneS;
  const bool is_silent =
      !charge.told_bytes && charge.heard_unix_s.value_or(0) >= charge.voucher_until_unix_s + kHostSilentS;
  std::int64_t bytes = charge.voucher_bytes;
  if (!is_vouched)
    bytes = is_gone || is_silent ? 0 : std::clamp<std::int64_t>(charge.told_bytes.value_or(bytes), 0, bytes);
  if (bytes != charge.charged_bytes) {
    TRY(add_usage(transaction, charge.path, bytes - charge.charged_bytes));
    TRY(add_room(transaction, charge.host, {.charged_bytes = bytes - charge.charged_bytes}));
  }
  // Nothing left, and nothing that could come back.
  const bool is_over = charge.told_bytes == 0 || charge.voucher_bytes == 0 ||
                       (is_silent && charge.voucher_until_unix_s < now_unix_s - kHostGoneS);
  if (!is_vouched && bytes == 0 && is_over) return forget(transaction, charge);
  const std::int64_t next = is_vouched ? charge.voucher_until_unix_s : now_unix_s + kChargeLookS;
  TRY(transaction.execute(
      "UPDATE charges SET charged_bytes = $4, settle = $5 WHERE path = $1 AND host = $2 AND account = $3",
      {charge.path, charge.host, charge.account, bytes, next}));
  return {};
}

Result<void> settle_all(database::Transaction& transaction, const database::Rows& rows,
                        std::int64_t now_unix_s) {
  for (const auto row : rows) TRY(settle(transaction, charge_of(row), now_unix_s));
  return {};
}

}  // namespace

Result<std::int64_t> vouch_for(database::Transaction& transaction, const UsagePath& path, const HostId& host,
                               const AccountId& account, std::int64_t bytes, std::int64_t until_unix_s) {
  const std::int64_t lives_until = until_unix_s + format::kClockSkewS;  // the Host's clock may be as late
  if (bytes > 0) TRY(add_room(transaction, host, {.charged_bytes = bytes}));
  // The Host counts all that the account has there, whoever is charged for it.
  const auto rest =
      TRY(transaction.query("SELECT CAST(COALESCE(SUM(charged_bytes), 0) AS {int64}) FROM charges WHERE host "
                            "= $1 AND account = $2 AND path <> $3",
                            {host, account, path}));
  const std::int64_t others = rest[0].integer(0);
  const auto rows = TRY(transaction.query(
      "SELECT charged_bytes, voucher_until FROM charges WHERE path = $1 AND host = $2 AND account = $3",
      {path, host, account}));
  if (rows.empty()) {
    TRY(transaction.execute(
        "INSERT INTO charges (path, host, account, charged_bytes, voucher_bytes, voucher_until, settle) "
        "VALUES ($1, $2, $3, $4, $4, $5, $5)",
        {path, host, account, bytes, lives_until}));
    return bytes + others;
  }
  // While an older voucher lives, its bytes are charged; afterwards what is there: either way the new one
  // begins with that.
  const std::int64_t all = rows[0].integer(0) + bytes;
  TRY(transaction.execute(
      "UPDATE charges SET charged_bytes = $4, voucher_bytes = $4, voucher_until = $5, settle = $5 "
      "WHERE path = $1 AND host = $2 AND account = $3",
      {path, host, account, all, std::max(lives_until, rows[0].integer(1))}));
  return all + others;
}

namespace {

Result<bool> comes_after(database::Transaction& transaction, UsagePath path, const UsagePath& above) {
  for (std::size_t depth = 0; depth < format::kPermitChainMax; ++depth) {
    if (path == above) return true;
    const auto rows = TRY(transaction.query("SELECT parent FROM usage WHERE path = $1", {path}));
    if (rows.empty() || rows[0].is_null(0)) return false;
    path = rows[0].bytes<32>(0);
  }
  return false;
}

}  // namespace

Result<std::optional<std::int64_t>> vouch_again(database::Transaction& transaction, const UsagePath& path,
                                                const HostId& host, const AccountId& account,
                                                std::int64_t until_unix_s) {
  const auto rows = TRY(transaction.query(
      "SELECT path FROM charges WHERE host = $1 AND account = $2 LIMIT 16", {host, account}));
  for (const auto row : rows) {
    const UsagePath charged = row.bytes<32>(0);
    const auto is_ours = TRY(comes_after(transaction, charged, path));
    if (is_ours) return TRY(vouch_for(transaction, charged, host, account, 0, until_unix_s));
  }
  return std::nullopt;
}

Result<std::optional<std::int64_t>> take_over(database::Transaction& transaction, const Authority& authority,
                                              const HostId& host, const AccountId& account,
                                              std::int64_t bytes, std::int64_t until_unix_s) {
  const auto hosts = TRY(transaction.query("SELECT 1 FROM hosts WHERE host = $1", {host}));
  const auto charged = TRY(
      transaction.query("SELECT 1 FROM charges WHERE host = $1 AND account = $2 LIMIT 1", {host, account}));
  if (bytes == 0 || hosts.empty() || !charged.empty()) return std::nullopt;
  TRY(take_quota(transaction, authority, bytes));
  // The Host tells of those only who stored something by a voucher of this Bridge: until then this counts.
  TRY(transaction.execute(
      "INSERT INTO host_accounts (host, account, bytes) VALUES ($1, $2, $3) "
      "ON CONFLICT (host, account) DO UPDATE SET bytes = $3 WHERE host_accounts.bytes IS NULL",
      {host, account, bytes}));
  return TRY(vouch_for(transaction, authority.path(), host, account, bytes, until_unix_s));
}

Result<void> take_report(database::Transaction& transaction, const HostId& host, const AccountId& account,
                         std::int64_t now_unix_s) {
  const auto rows = TRY(transaction.query(
      "SELECT c.path, c.host, c.account, c.charged_bytes, c.voucher_bytes, c.voucher_until, a.bytes, "
      "b.received "
      "FROM charges c LEFT JOIN host_accounts a ON a.host = c.host AND a.account = c.account "
      "LEFT JOIN host_beats b ON b.host = c.host "
      "WHERE c.host = $1 AND c.account = $2 AND c.voucher_until <= $3",
      {host, account, now_unix_s}));
  return settle_all(transaction, rows, now_unix_s);
}

Result<void> move_charges(database::Transaction& transaction, const HostId& former, const HostId& present) {
  // One that is charged at both already keeps its row of the former Host, and ends as of one that is gone.
  constexpr database::SqlText kMoved =
      "UPDATE charges SET host = $2 WHERE host = $1 AND NOT EXISTS (SELECT 1 FROM charges AS other "
      "WHERE other.host = $2 AND other.path = charges.path AND other.account = charges.account) "
      "RETURNING charged_bytes";
  const auto rows = TRY(transaction.query(kMoved, {former, present}));
  std::int64_t bytes = 0;
  for (const auto row : rows) bytes += row.integer(0);
  if (bytes == 0) return {};
  TRY(add_room(transaction, former, {.charged_bytes = -bytes}));
  TRY(add_room(transaction, present, {.charged_bytes = bytes}));
  return {};
}

Result<std::int64_t> settle_charges(database::Transaction& transaction, std::int64_t now_unix_s) {
  const auto rows = TRY(transaction.query(
      "SELECT c.path, c.host, c.account, c.charged_bytes, c.voucher_bytes, c.voucher_until, a.bytes, "
      "b.received "
      "FROM charges c LEFT JOIN host_accounts a ON a.host = c.host AND a.account = c.account "
      "LEFT JOIN host_beats b ON b.host = c.host "
      "WHERE c.settle <= $1 ORDER BY c.settle LIMIT $2",
      {now_unix_s, kSettledAtOnceMax}));
  TRY(settle_all(transaction, rows, now_unix_s));
  return static_cast<std::int64_t>(rows.size());
}

}  // namespace inxt::bridge
