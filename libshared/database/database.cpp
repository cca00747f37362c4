// SPDX-License-Identifier: LGPL-3.0-or-later
#include "database/database.h"

#include "database/postgresql_database.h"
#include "database/sqlite_database.h"

namespace inxt::database {

Result<std::unique_ptr<Database>> Database::open(const Address& address, const Limits& limits) {
  if (address.dialect == Dialect::postgresql) return PostgresqlDatabase::open(address.place, limits);
  return SqliteDatabase::open(address.place, limits);
}

}  // namespace inxt::database
