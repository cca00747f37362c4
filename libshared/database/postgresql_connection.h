// SPDX-License-Identifier: LGPL-3.0-or-later
// One connection to a PostgreSQL server.
#pragma once

#include <memory>
#include <pqxx/connection>
#include <pqxx/errorhandler>
#include <pqxx/transaction>

#include "database/statement_cache.h"
#include "database/transaction.h"

namespace inxt::database {

/// libpq's words for the address, with what is missing to notice a server that has gone, and to find the one
/// of several that can write.  REQUIRES: parse_address took the URI.
std::string postgresql_conninfo(const std::string& uri, const Limits& limits);

/// One thread at a time.
class PostgresqlConnection {
 public:
  /// Errors: those of Database::open.
  static Result<std::unique_ptr<PostgresqlConnection>> open(const std::string& conninfo,
                                                            const Limits& limits);

  pqxx::connection& link() { return link_; }
  bool is_open() const { return link_.is_open(); }

  /// Runs one statement within the transaction, prepared once.  Throws what libpqxx throws.
  pqxx::result run(pqxx::transaction_base& transaction, std::string_view sql, std::span<const Value> values);

 private:
  PostgresqlConnection(const std::string& conninfo, const Limits& limits);
  Result<void> set_up();

  const Limits limits_;
  pqxx::connection link_;
  pqxx::quiet_errorhandler quiet_;  // libpqxx says on standard error what it also throws
  StatementCache<std::string> names_;
  std::uint64_t next_name_ = 0;
};

/// The values of a result, as Rows.  Errors: usage naming the limit (the server has sent all of it by then).
Result<Rows> rows_of(const pqxx::result& result, const Limits& limits);

}  // namespace inxt::database
