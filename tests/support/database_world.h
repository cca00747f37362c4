// SPDX-License-Identifier: AGPL-3.0-or-later
// Databases for the contract suite: one test, run over both.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <string>

#include "database/database.h"
#include "support/postgresql_server.h"

namespace inxt::testing {

/// An empty SQLite database.
class SqliteWorld {
 public:
  static constexpr database::Dialect kDialect = database::Dialect::sqlite;
  std::string address() const { return folder_.path() / "bridge.db"; }

 private:
  ScratchFolder folder_;
};

/// An empty database on the test program's server.
class PostgresqlWorld {
 public:
  static constexpr database::Dialect kDialect = database::Dialect::postgresql;
  PostgresqlWorld() {
    static int made = 0;
    name_ = fmt::format("world{}", ++made);
    PostgresqlServer::shared().execute("inxt", "CREATE DATABASE " + name_);
  }
  std::string address() const { return PostgresqlServer::shared().address(name_); }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

template <class World>
Result<std::unique_ptr<database::Database>> try_open(const World& world,
                                                     const database::Limits& limits = {}) {
  return database::Database::open(TRY(database::parse_address(world.address())), limits);
}
template <class World>
std::unique_ptr<database::Database> open(const World& world, const database::Limits& limits = {}) {
  auto opened = try_open(world, limits);
  if (!opened) FAIL(opened.error().what);
  return *std::move(opened);
}

/// Whether this run is the one over PostgreSQL: tests/database/tests.cmake.
inline bool has_postgresql() {
  return ::getenv("INXT_TEST_POSTGRESQL") != nullptr;
}

/// Runs statements that cannot fail.
template <class... SqlTexts>
void run_all(database::Database& database, SqlTexts... statements) {
  const auto done = database.write([&](database::Transaction& transaction) -> Result<void> {
    for (const database::SqlText statement : {database::SqlText(statements)...}) {
      // Not TRY: in a template clang takes its unused value for a forgotten one.
      if (auto executed = transaction.execute(statement); !executed) return std::unexpected(executed.error());
    }
    return {};
  });
  if (!done) FAIL(done.error().what);
}

}  // namespace inxt::testing

/// CONTRACT(name, "what holds") { ... World ... }: a test for each database.
#define CONTRACT(name, text)                                                          \
  template <class World>                                                              \
  static void name();                                                                 \
  TEST_CASE("sqlite: " text) {                                                        \
    name<::inxt::testing::SqliteWorld>();                                             \
  }                                                                                   \
  TEST_CASE("postgresql: " text* doctest::skip(!::inxt::testing::has_postgresql())) { \
    name<::inxt::testing::PostgresqlWorld>();                                         \
  }                                                                                   \
  template <class World>                                                              \
  static void name()
