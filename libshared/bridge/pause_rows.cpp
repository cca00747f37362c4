// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/pause_rows.h"

#include "plan/pause_allowance.h"

namespace inxt::bridge {
namespace {

using database::Row;
using database::Rows;
using database::Transaction;

Result<void> save_until(Transaction& transaction, const HostId& host, std::int64_t began_unix_s,
                        std::int64_t until_unix_s) {
  if (until_unix_s <= began_unix_s) {
    TRY(transaction.execute("DELETE FROM host_pauses WHERE host = $1 AND began = $2", {host, began_unix_s}));
    return {};
  }
  TRY(
      transaction.execute("INSERT INTO host_pauses (host, began, until) VALUES ($1, $2, $3) "
                          "ON CONFLICT (host, began) DO UPDATE SET until = excluded.until",
                          {host, began_unix_s, until_unix_s}));
  return {};
}

}  // namespace

Result<std::int64_t> take_pause(Transaction& transaction, const HostId& host, std::int64_t away_until_unix_s,
                                std::int64_t now_unix_s) {
  TRY(transaction.execute("DELETE FROM host_pauses WHERE host = $1 AND until <= $2",
                          {host, now_unix_s - plan::kPauseYearWindowS}));
  const Rows rows =
      TRY(transaction.query("SELECT began, until FROM host_pauses WHERE host = $1 ORDER BY began", {host}));
  std::vector<plan::Pause> before;
  before.reserve(rows.size());
  for (const Row row : rows) before.push_back({.began_s = row.integer(0), .until_s = row.integer(1)});
  std::optional<plan::Pause> active;
  if (!before.empty() && before.back().until_s > now_unix_s) {
    active = before.back();
    before.pop_back();
  }
  const bool is_away = away_until_unix_s > now_unix_s;
  // A clock that was set back may have begun it later than now.
  const std::int64_t began = active ? std::min(active->began_s, now_unix_s) : now_unix_s;
  std::int64_t until = now_unix_s;
  if (is_away && before.size() < kPausesPerHostMax)
    until = plan::pause_end_s(before, began, away_until_unix_s);
  if (active && active->began_s != began) TRY(save_until(transaction, host, active->began_s, 0));
  if (!active || active->began_s != began || active->until_s != until)
    TRY(save_until(transaction, host, began, until));
  const std::int64_t paused_until = until > now_unix_s ? until : 0;
  TRY(transaction.execute("UPDATE host_beats SET paused_until = $2 WHERE host = $1", {host, paused_until}));
  return paused_until;
}

Result<void> move_pauses(Transaction& transaction, const HostId& from, const HostId& to) {
  TRY(
      transaction.execute("UPDATE host_pauses SET host = $2 WHERE host = $1 AND began NOT IN "
                          "(SELECT began FROM host_pauses WHERE host = $2)",
                          {from, to}));
  return {};
}

}  // namespace inxt::bridge
