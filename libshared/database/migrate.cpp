// SPDX-License-Identifier: LGPL-3.0-or-later
#include "database/migrate.h"

#include <fmt/format.h>

namespace inxt::database {
namespace {

/// FNV-1a, to notice a migration that was edited; nobody attacks it.
std::int64_t checksum_of(std::span<const SqlText> statements) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const SqlText statement : statements) {
    for (const char c : statement.text()) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    sum = (sum ^ 0xff) * 0x100000001b3;  // where one ends: 0xff is in no UTF-8 text
  }
  return static_cast<std::int64_t>(sum);
}

/// What the database says of its history, against the list; its version.
Result<std::int64_t> check_history(const Rows& applied, std::span<const Migration> migrations) {
  const auto known = static_cast<std::int64_t>(migrations.size());
  if (const std::int64_t version = applied.empty() ? 0 : applied[applied.size() - 1].integer(0);
      version > known)
    return fail(Code::denied,
                fmt::format("the database's schema has version {}, this program knows {}", version, known),
                "a newer version of this program has used it: run that one, or restore the copy from before");
  std::int64_t version = 0;
  for (const Row row : applied) {
    if (row.integer(0) != ++version)
      return fail(Code::denied, fmt::format("migration {} is missing from the database's history", version),
                  "restore the database from its last copy");
    const Migration& migration = migrations[static_cast<std::size_t>(version - 1)];
    if (row.text(1) != migration.name.text() || row.integer(2) != checksum_of(migration.statements))
      return fail(Code::denied,
                  fmt::format("migration {} of the database is \"{}\", which is not this program's \"{}\"",
                              version, row.text(1), migration.name.text()),
                  "another program, or an unreleased version of this one, has made this database");
  }
  return version;
}

Result<std::int64_t> version_of(Transaction& transaction, std::span<const Migration> migrations) {
  TRY(
      transaction.execute("CREATE TABLE IF NOT EXISTS inxt_schema ("
                          "version {int64} PRIMARY KEY, name {text} NOT NULL, statements {int64} NOT NULL, "
                          "applied_unix_s {int64} NOT NULL) {strict}"));
  const Rows applied =
      TRY(transaction.query("SELECT version, name, statements FROM inxt_schema ORDER BY version"));
  return check_history(applied, migrations);
}

Result<void> apply(Transaction& transaction, const Migration& migration, std::int64_t now_unix_s) {
  for (const SqlText statement : migration.statements) TRY(transaction.execute(statement));
  TRY(transaction.execute(
      "INSERT INTO inxt_schema (version, name, statements, applied_unix_s) VALUES ($1, $2, $3, $4)",
      {migration.version, migration.name.text(), checksum_of(migration.statements), now_unix_s}));
  return {};
}

}  // namespace

Result<std::int64_t> schema_version(Database& database, std::span<const Migration> migrations) {
  return database.read([&](Transaction& transaction) -> Result<std::int64_t> {
    const SqlText is_there = transaction.dialect() == Dialect::sqlite
                                 ? SqlText("SELECT count(*) FROM sqlite_schema WHERE name = 'inxt_schema'")
                                 : SqlText("SELECT count(to_regclass('inxt_schema'))");
    const Rows tables = TRY(transaction.query(is_there));
    if (tables[0].integer(0) == 0) return 0;
    const Rows applied =
        TRY(transaction.query("SELECT version, name, statements FROM inxt_schema ORDER BY version"));
    return check_history(applied, migrations);
  });
}

Result<Migrated> migrate(Database& database, std::span<const Migration> migrations, const sys::Clock& clock) {
  for (std::size_t i = 0; i < migrations.size(); ++i)
    CHECK_BUG(migrations[i].version == static_cast<std::int64_t>(i + 1));
  Migrated done;
  // Returns the version at which it found the database; it leaves it at the next.
  const auto step = [&](Transaction& transaction) -> Result<std::int64_t> {
    const std::int64_t found = TRY(version_of(transaction, migrations));
    if (found == static_cast<std::int64_t>(migrations.size())) return found;
    const Migration& next = migrations[static_cast<std::size_t>(found)];
    TRY_IN(fmt::format("migration {} ({})", next.version, next.name.text()),
           apply(transaction, next, clock.unix_s()));
    return found;
  };
  for (std::size_t turn = 0; turn <= migrations.size(); ++turn) {
    done.to = TRY(database.write_alone(step));
    if (turn == 0) done.from = done.to;
    if (done.to == static_cast<std::int64_t>(migrations.size())) break;
  }
  return done;
}

}  // namespace inxt::database
