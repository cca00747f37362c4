// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/host_rows.h"

#include <fmt/format.h>

#include "bridge/charges.h"
#include "bridge/pause_rows.h"

namespace inxt::bridge {
namespace {

using database::Row;
using database::Rows;
using database::Transaction;

/// Numbers of formats are at most 2^53 - 1.
std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

Result<std::int64_t> count(Result<Rows> rows) {
  return TRY(std::move(rows))[0].integer(0);
}

/// Whoever registers for the first time: is there room in its network?
Result<void> check_network(Transaction& transaction, std::string_view network, std::int64_t now_unix_s,
                           const RegistrationLimits& limits) {
  const auto all = TRY(count(transaction.query("SELECT count(*) FROM hosts WHERE network = $1", {network})));
  if (all >= limits.hosts_per_network_max)
    return fail(Code::quota, fmt::format("{} Hosts have registered from network {} (hosts_per_network_max)",
                                         all, network));
  const auto lately = TRY(count(transaction.query(
      "SELECT count(*) FROM hosts WHERE network = $1 AND since > $2", {network, now_unix_s - 3600})));
  if (lately >= limits.registrations_per_network_hour)
    return fail(Code::quota, fmt::format("{} Hosts have registered from network {} within an hour "
                                         "(registrations_per_network_hour)",
                                         lately, network));
  return {};
}

/// Keys cost nothing, and a Host that follows another counts as that one where registrations are counted: so
/// only one key follows another, and none that has registered follows and is followed within kSuccessionGapS.
Result<void> check_link(Transaction& transaction, const format::Succession& link, std::int64_t now_unix_s) {
  const Rows before = TRY(transaction.query(
      "SELECT host FROM host_successors WHERE successor = $1 AND host <> $2 LIMIT 1", {link.to, link.from}));
  if (!before.empty())
    return fail(Code::denied, fmt::format("line: succession: key {} has followed another key before",
                                          link.to.hex().substr(0, 8)));
  const Rows late =
      TRY(transaction.query("SELECT 1 FROM host_successors s JOIN hosts h ON h.host = s.successor "
                            "WHERE s.successor = $1 AND s.named > $2",
                            {link.from, now_unix_s - kSuccessionGapS}));
  if (late.empty()) return {};
  return fail(Code::quota,
              fmt::format("line: succession: key {} followed another less than {} s ago (kSuccessionGapS)",
                          link.from.hex().substr(0, 8), kSuccessionGapS),
              "try again a day later");
}

/// Its former keys register no more, and what was known of them is known of this one.
Result<void> follow_succession(Transaction& transaction, const format::Descriptor& descriptor,
                               std::int64_t now_unix_s) {
  for (const auto& link : descriptor.former) {
    TRY(check_link(transaction, link, now_unix_s));
    TRY(transaction.execute(
        "INSERT INTO host_successors (host, successor, named) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        {link.from, link.to, now_unix_s}));
    const Rows rows =
        TRY(transaction.query("SELECT successor FROM host_successors WHERE host = $1", {link.from}));
    if (rows[0].id<HostId>(0) != link.to)
      return fail(Code::denied, fmt::format("line: succession: key {} has named another successor before",
                                            link.from.hex().substr(0, 8)));
  }
  for (const auto& link : descriptor.former) {
    if (link.from == descriptor.host) continue;
    TRY(
        transaction.execute("UPDATE hosts SET since = (SELECT since FROM hosts WHERE host = $1) "
                            "WHERE host = $2 AND since > (SELECT since FROM hosts WHERE host = $1)",
                            {link.from, descriptor.host}));
    TRY(
        transaction.execute("DELETE FROM host_accounts WHERE host = $2 AND account IN "
                            "(SELECT account FROM host_accounts WHERE host = $1)",
                            {link.from, descriptor.host}));
    TRY(transaction.execute("UPDATE host_accounts SET host = $2 WHERE host = $1",
                            {link.from, descriptor.host}));
    TRY(
        transaction.execute("UPDATE host_probes SET host = $2 WHERE host = $1 AND hour NOT IN "
                            "(SELECT hour FROM host_probes WHERE host = $2)",
                            {link.from, descriptor.host}));
    TRY(move_pauses(transaction, link.from, descriptor.host));
    TRY(move_charges(transaction, link.from, descriptor.host));
    TRY(transaction.execute("DELETE FROM hosts WHERE host = $1", {link.from}));
  }
  return {};
}

Result<void> add_host(Transaction& transaction, const format::Registration& registration,
                      std::string_view network, std::int64_t now_unix_s) {
  const auto& descriptor = registration.descriptor;
  const auto& declared = registration.declared;
  TRY(transaction.execute(
      "INSERT INTO hosts (host, since, changed, token, issued, operator_name, domain, region, network) "
      "VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8)",
      {descriptor.host, now_unix_s, registration.token, descriptor.issued_unix_s, declared.operator_name,
       declared.domain, declared.region, network}));
  TRY(
      transaction.execute("INSERT INTO host_beats (host, counter, received, capacity_bytes, used_bytes, "
                          "free_bytes, load_percent, in_bytes, "
                          "out_bytes, started, software, processors, memory_bytes, draining) "
                          "VALUES ($1, -1, 0, 0, 0, 0, 0, 0, 0, 0, '', 0, 0, 0)",
                          {descriptor.host}));
  TRY(transaction.execute(
      "INSERT INTO host_measures (host, changed, reachable, was_reached, address, network, probed, answered, "
      "failures, reason, audits_passed, audits_passed_ever, audits_failed, audited_day, next_probe, "
      "next_speed, "
      "claimed_until) VALUES ($1, $2, 0, 0, '', '', 0, 0, 0, '', 0, 0, 0, 0, $2, $2, 0)",
      {descriptor.host, now_unix_s}));
  return follow_succession(transaction, descriptor, now_unix_s);
}

/// It says that it moved: look soon, but no sooner than a minute after the last time.
Result<void> probe_soon(Transaction& transaction, const HostId& host, std::int64_t now_unix_s) {
  TRY(transaction.execute(
      "UPDATE host_measures SET next_probe = CASE WHEN probed + 60 > $2 THEN probed + 60 ELSE $2 END "
      "WHERE host = $1 AND next_probe > $2",
      {host, now_unix_s}));
  return {};
}

constexpr database::SqlText kHostColumns =
    "SELECT h.host, h.token, h.operator_name, h.domain, h.region, h.since, "  // 0 to 5
    "b.counter, b.received, b.capacity_bytes, b.used_bytes, b.free_bytes, b.load_percent, b.in_bytes, "
    "b.out_bytes, "
    "b.started, b.software, b.processors, b.memory_bytes, b.draining, "  // 6 to 18
    "m.reachable, m.was_reached, m.address, m.network, m.probed, m.answered, m.failures, m.rtt_us, "
    "m.up_bytes_per_s, "
    "m.down_bytes_per_s, m.uptime_day, m.uptime_week, m.uptime_month, m.audits_passed, m.audits_passed_ever, "
    "m.audits_failed, m.reason, "                // 19 to 35
    "b.retiring, b.away_until, b.paused_until "  // 36 to 38
    "FROM hosts h JOIN host_beats b ON b.host = h.host JOIN host_measures m ON m.host = h.host ";

std::uint64_t size_at(const Row& row, std::size_t column) {
  return static_cast<std::uint64_t>(row.integer(column));
}

LastBeat beat_in(const Row& row) {
  return {.counter = size_at(row, 6),
          .received_unix_s = row.integer(7),
          .capacity_bytes = size_at(row, 8),
          .used_bytes = size_at(row, 9),
          .free_bytes = size_at(row, 10),
          .load_percent = size_at(row, 11),
          .in_bytes = size_at(row, 12),
          .out_bytes = size_at(row, 13),
          .started_unix_s = row.integer(14),
          .software = std::string(row.text(15)),
          .processors = size_at(row, 16),
          .memory_bytes = size_at(row, 17),
          .draining = row.integer(18) != 0,
          .retiring_unix_s = row.integer(36),
          .away_until_unix_s = row.integer(37),
          .paused_until_unix_s = row.integer(38)};
}

Measured measured_in(const Row& row) {
  return {.is_reachable = row.integer(19) != 0,
          .was_reached = row.integer(20) != 0,
          .address = std::string(row.text(21)),
          .network = std::string(row.text(22)),
          .probed_unix_s = row.integer(23),
          .answered_unix_s = row.integer(24),
          .failures = row.integer(25),
          .reason = std::string(row.text(35)),
          .rtt_us = row.optional_integer(26),
          .up_bytes_per_s = row.optional_integer(27),
          .down_bytes_per_s = row.optional_integer(28),
          .uptime = {.day = row.optional_integer(29),
                     .week = row.optional_integer(30),
                     .month = row.optional_integer(31)},
          .audits_passed = row.integer(32),
          .audits_passed_ever = row.integer(33),
          .audits_failed = row.integer(34)};
}

Result<KnownHost> host_in(const Row& row, const OpenedBefore& opened) {
  KnownHost out;
  out.token = row.text(1);
  if (const auto* descriptor = opened ? opened(row.id<HostId>(0), out.token) : nullptr)
    out.descriptor = *descriptor;
  else
    out.descriptor = TRY_IN("a descriptor in the database", format::open_descriptor(out.token));
  out.declared = {.operator_name = std::string(row.text(2)),
                  .domain = std::string(row.text(3)),
                  .region = std::string(row.text(4))};
  out.since_unix_s = row.integer(5);
  if (row.integer(7) != 0) out.beat = beat_in(row);
  out.measured = measured_in(row);
  return out;
}

}  // namespace

Result<Registered> register_host(Transaction& transaction, const format::Registration& registration,
                                 std::string_view network, std::int64_t now_unix_s,
                                 const RegistrationLimits& limits) {
  const auto& descriptor = registration.descriptor;
  const Rows given_up =
      TRY(transaction.query("SELECT successor FROM host_successors WHERE host = $1", {descriptor.host}));
  if (!given_up.empty())
    return fail(Code::denied,
                fmt::format("line: this key was given up for {}", given_up[0].id<HostId>(0).hex()));
  const Rows known =
      TRY(transaction.query("SELECT issued, token FROM hosts WHERE host = $1", {descriptor.host}));
  if (known.empty()) {
    TRY(check_network(transaction, network, now_unix_s, limits));
    TRY(add_host(transaction, registration, network, now_unix_s));
    return Registered::now;
  }
  if (descriptor.issued_unix_s < known[0].integer(0))
    return fail(Code::integrity, "line: this Host has registered with a newer descriptor");
  const auto& declared = registration.declared;
  TRY(transaction.execute(
      "UPDATE hosts SET changed = $2, token = $3, issued = $4, operator_name = $5, domain = $6, "
      "region = $7 WHERE host = $1",
      {descriptor.host, now_unix_s, registration.token, descriptor.issued_unix_s, declared.operator_name,
       declared.domain, declared.region}));
  if (known[0].text(1) != registration.token) TRY(probe_soon(transaction, descriptor.host, now_unix_s));
  TRY(follow_succession(transaction, descriptor, now_unix_s));
  return Registered::again;
}

Result<BeatAnswer> take_heartbeat(Transaction& transaction, const format::Heartbeat& beat,
                                  std::int64_t now_unix_s) {
  const Rows taken = TRY(transaction.query(
      "UPDATE host_beats SET counter = $2, received = $3, capacity_bytes = $4, used_bytes = $5, free_bytes = "
      "$6, "
      "load_percent = $7, in_bytes = $8, out_bytes = $9, started = $10, software = $11, processors = $12, "
      "memory_bytes = $13, draining = $14, retiring = $15, away_until = $16 WHERE host = $1 AND counter < $2 "
      "RETURNING paused_until",
      {beat.host, number(beat.counter), now_unix_s, number(beat.capacity_bytes), number(beat.used_bytes),
       number(beat.free_bytes), number(beat.load_percent), number(beat.in_bytes), number(beat.out_bytes),
       beat.started_unix_s, beat.software, number(beat.processors), number(beat.memory_bytes),
       static_cast<std::int64_t>(beat.draining), beat.retiring_unix_s, beat.away_until_unix_s}));
  if (taken.empty()) {
    const Rows rows = TRY(transaction.query("SELECT counter FROM host_beats WHERE host = $1", {beat.host}));
    if (rows.empty()) return BeatAnswer{.beaten = Beaten::unknown_host};
    return BeatAnswer{.beaten = Beaten::old, .last_counter = size_at(rows[0], 0)};
  }
  BeatAnswer answer;
  if (beat.away_until_unix_s > now_unix_s || taken[0].integer(0) != 0)
    answer.paused_until_unix_s = TRY(take_pause(transaction, beat.host, beat.away_until_unix_s, now_unix_s));
  for (const auto& entry : beat.accounts) {
    const auto kept = TRY(transaction.execute(
        "UPDATE host_accounts SET bytes = $3, reported = $4 WHERE host = $1 AND account = $2",
        {beat.host, entry.account, number(entry.bytes), now_unix_s}));
    if (kept > 0) TRY(take_report(transaction, beat.host, entry.account, now_unix_s));
  }
  return answer;
}

Result<void> take_descriptor(Transaction& transaction, const format::Descriptor& descriptor,
                             std::string_view token, std::int64_t now_unix_s) {
  const auto taken =
      TRY(transaction.execute("UPDATE hosts SET changed = $2, token = $3, issued = $4 WHERE host = $1 AND "
                              "issued <= $4 AND token <> $3",
                              {descriptor.host, now_unix_s, token, descriptor.issued_unix_s}));
  if (taken == 0) return {};
  TRY(probe_soon(transaction, descriptor.host, now_unix_s));
  return follow_succession(transaction, descriptor, now_unix_s);
}

Result<void> expect_account(Transaction& transaction, const HostId& host, const AccountId& account) {
  const Rows known = TRY(transaction.query("SELECT 1 FROM hosts WHERE host = $1", {host}));
  if (known.empty())
    return fail(Code::not_found, fmt::format("no Host {} has registered", host.hex().substr(0, 8)));
  TRY(transaction.execute("INSERT INTO host_accounts (host, account) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                          {host, account}));
  return {};
}

Result<std::vector<KnownHost>> read_hosts_changed(Transaction& transaction,
                                                  std::optional<std::int64_t> changed_unix_s,
                                                  const std::optional<HostId>& after, std::int64_t limit,
                                                  const OpenedBefore& opened) {
  const ByteView behind = after ? after->view() : ByteView{};
  database::Sql sql = kHostColumns;
  std::vector<database::Value> values{behind, limit};
  sql += "WHERE h.host > $1 ";
  if (changed_unix_s) {
    values.push_back(*changed_unix_s);
    sql +=
        "AND h.host IN (SELECT host FROM hosts WHERE changed >= $3 "
        "UNION SELECT host FROM host_beats WHERE received >= $3 "
        "UNION SELECT host FROM host_measures WHERE changed >= $3) ";
  }
  sql += "ORDER BY h.host LIMIT $2";
  const Rows rows = TRY(transaction.query(sql, values));
  std::vector<KnownHost> out;
  out.reserve(rows.size());
  for (const Row row : rows) out.push_back(TRY(host_in(row, opened)));
  return out;
}

Result<std::optional<KnownHost>> read_host(Transaction& transaction, const HostId& host) {
  database::Sql sql = kHostColumns;
  sql += "WHERE h.host = $1";
  const std::vector<database::Value> values{host};
  const Rows rows = TRY(transaction.query(sql, values));
  if (rows.empty()) return std::nullopt;
  return TRY(host_in(rows[0], {}));
}

Result<std::int64_t> forget_never_reached(Transaction& transaction, std::int64_t before_unix_s,
                                          std::int64_t limit) {
  return transaction.execute(
      "DELETE FROM hosts WHERE host IN (SELECT h.host FROM hosts h JOIN host_measures m ON m.host = h.host "
      "WHERE m.was_reached = 0 AND h.since < $1 LIMIT $2)",
      {before_unix_s, limit});
}

}  // namespace inxt::bridge
