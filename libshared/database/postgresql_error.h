// SPDX-License-Identifier: LGPL-3.0-or-later
// What libpqxx's exceptions mean.
#pragma once

#include <exception>

#include "base/result.h"
#include "database/transaction.h"

namespace inxt::database {

struct PostgresqlFailure {
  enum class Meaning {
    failed,
    conflict,   // with another transaction
    lost,       // the connection
    read_only,  // the transaction, or the whole server: one that stands by, after a failover
  };
  Error error;
  Meaning meaning = Meaning::failed;
  Violation violation = Violation::none;
};

/// Of a statement.  The server's words are cut to their first line; with terse verbosity no values stand in
/// it but those that it could not read.
PostgresqlFailure postgresql_failure(const std::exception& thrown, const Limits& limits);

/// Of opening a connection, where libpq gives words only.
Error postgresql_connect_error(const std::exception& thrown);

/// Whether a COMMIT that ended so may have happened: the server was going down, or said nothing at all.
bool is_outcome_unknown(const std::exception& thrown);

}  // namespace inxt::database
