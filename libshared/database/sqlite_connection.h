// SPDX-License-Identifier: LGPL-3.0-or-later
// One connection to a SQLite file.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <random>

#include "database/statement_cache.h"
#include "database/transaction.h"

namespace inxt::database {

inline constexpr std::int32_t kSqliteApplicationId = 0x696e7874;  // "inxt"

/// A Code and words for one of SQLite's results; `what` is what was being attempted.
Error sqlite_error(sqlite3* handle, int result, std::string_view what);
Violation sqlite_violation(int result);

/// One thread at a time.
class SqliteConnection {
 public:
  enum class Role { writer, reader };
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, const Limits& limits,
                                                        Role role);

  struct Done {
    Rows rows;
    std::int64_t affected = 0;
  };
  /// What went wrong, with SQLite's own result.
  struct Failure {
    Error error;
    int result = 0;
  };
  using Outcome = std::expected<Done, Failure>;

  /// Runs one statement to its end, prepared once.
  Outcome run(std::string_view sql, std::span<const Value> values);
  /// The same for statements of this room that have neither parameters nor rows.
  std::optional<Failure> run_plain(SqlText sql);
  /// Whether a transaction is open: some errors end it.
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  /// Ends the transaction where one is open.
  void roll_back();

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  SqliteConnection(sqlite3* handle, const Limits& limits);
  Result<void> set_up(Role role);
  Result<void> use_wal();
  std::expected<sqlite3_stmt*, Failure> prepared(std::string_view sql);
  std::optional<Failure> bind(sqlite3_stmt* statement, std::span<const Value> values);
  Outcome step(sqlite3_stmt* statement);
  std::unexpected<Failure> failure(int result, std::string_view what);
  static int on_busy(void* self, int count);
  static int on_progress(void* self);

  std::unique_ptr<sqlite3, Close> handle_;
  const Limits limits_;
  StatementCache<Statement> cache_;  // goes before the handle does
  std::chrono::steady_clock::time_point statement_end_, busy_end_;
  bool out_of_time_ = false;
  std::minstd_rand random_;
};

}  // namespace inxt::database
