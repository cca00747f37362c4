// SPDX-License-Identifier: LGPL-3.0-or-later
// Which database: a file, or a PostgreSQL server.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace inxt::database {

enum class Dialect { sqlite, postgresql };
std::string_view dialect_name(Dialect dialect);

struct Address {
  Dialect dialect = Dialect::sqlite;
  std::string place;  // a path, or a postgresql:// URI without a password
};

/// PATH or "sqlite:PATH"; "postgresql://..." or "postgres://..." as libpq reads it (PostgreSQL's manual,
/// "Connection URIs": several hosts, service=, passfile=, sslmode= and the rest).
/// Errors: usage when it is neither, and when a password stands in it: addresses are seen in lists of
/// processes and in logs.  No error repeats any part of an address that may be a password.
Result<Address> parse_address(std::string_view text);

}  // namespace inxt::database
