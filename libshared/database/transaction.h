// SPDX-License-Identifier: LGPL-3.0-or-later
// Statements within one transaction.
#pragma once

#include <initializer_list>
#include <span>

#include "database/limits.h"
#include "database/rows.h"
#include "database/sql_text.h"

namespace inxt::database {

/// Which of the schema's rules a statement ran against.
enum class Violation { none, unique, foreign_key, not_null, check, other };

/// Given to the work of Database::write and read, and only valid within it; one thread.
///
/// After the first statement that fails, all further ones fail and nothing is committed, whatever the work
/// returns: PostgreSQL can do nothing else.  Where a row may be there already, write INSERT ... ON CONFLICT
/// DO NOTHING and look at the number of rows; or look at violation() and return an error that says it in the
/// caller's words.
///
/// Errors: try_again (busy, connection lost, disk full, statement_ms_max reached), denied (read-only, no
/// permission), usage (a parameter that no column holds; rows_max or result_bytes_max exceeded), integrity (a
/// damaged database), failure (violations, which violation() tells apart; I/O; SQL that is wrong).
class Transaction {
 public:
  virtual ~Transaction() = default;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// All rows.  The number of values is that of the statement's parameters.
  Result<Rows> query(SqlText sql, std::initializer_list<Value> values = {});
  Result<Rows> query(SqlText sql, std::span<const Value> values);
  Result<Rows> query(const Sql& sql, std::span<const Value> values);
  /// The number of rows that it inserted, changed or removed; 0 for statements that do none of these.
  Result<std::int64_t> execute(SqlText sql, std::initializer_list<Value> values = {});
  Result<std::int64_t> execute(SqlText sql, std::span<const Value> values);
  Result<std::int64_t> execute(const Sql& sql, std::span<const Value> values);

  Dialect dialect() const { return dialect_; }
  /// Of the statement that failed.
  Violation violation() const { return violation_; }

 protected:
  /// What a statement that failed means for the transaction.
  enum class State {
    good,
    failed,
    conflict,  // with another transaction: the same may succeed when it is run again
    lost,      // the connection; nothing was committed
  };
  struct Done {
    Rows rows;
    std::int64_t affected = 0;
  };

  Transaction(Dialect dialect, const Limits& limits) : dialect_(dialect), limits_(limits) {}
  /// One statement, its parameters checked.  Errors: call note() first.
  virtual Result<Done> run(std::string_view sql, std::span<const Value> values) = 0;
  void note(State state, Violation violation) {
    state_ = state;
    violation_ = violation;
  }
  State state() const { return state_; }
  /// The error of the statement that failed; REQUIRES: state() != good.
  const Error& error() const { return error_; }
  const Limits& limits() const { return limits_; }

 private:
  Result<Done> run_checked(std::string_view sql, std::uint64_t parameters, std::span<const Value> values);

  const Dialect dialect_;
  const Limits& limits_;
  State state_ = State::good;
  Violation violation_ = Violation::none;
  Error error_;
};

}  // namespace inxt::database
