// SPDX-License-Identifier: LGPL-3.0-or-later
// Brings a database's schema up to date.
#pragma once

#include "database/database.h"
#include "sys/clock.h"

namespace inxt::database {

/// One step of a schema's history.  Once it has been in a release it is never changed: a mistake is mended by
/// the next one.
struct Migration {
  std::int64_t version;  // 1, 2, 3, ...
  SqlText name;          // what it does, in a few words
  std::span<const SqlText> statements;
};

struct Migrated {
  std::int64_t from = 0;  // 0: the database was new
  std::int64_t to = 0;
};

/// Applies what is missing, each migration in one transaction, and writes it down in the table
/// inxt_schema(version, name, statements, applied_unix_s), where `statements` is a checksum of their text.
/// Processes that start together take turns, so that each migration runs once; a kill leaves the schema at
/// one version or the next. Errors: denied when the database has a version that is not in the list (it
/// belongs to a newer program: both versions are named), when a version is missing, or when a name or
/// checksum differs from the list's; those of Database::write, with the migration's version and name.
Result<Migrated> migrate(Database& database, std::span<const Migration> migrations, const sys::Clock& clock);

/// Changes nothing.  0: none of its tables is there.  Errors: as migrate(), for a history that is not the
/// list's.
Result<std::int64_t> schema_version(Database& database, std::span<const Migration> migrations);

}  // namespace inxt::database
