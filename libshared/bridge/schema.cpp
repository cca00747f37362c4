// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/schema.h"

#include <array>

#include "bridge/accounts_schema.h"

namespace inxt::bridge {

std::span<const database::Migration> schema() {
  static const std::array kParts{
      database::Migration{.version = 1, .name = "hosts", .statements = hosts_schema()},
      database::Migration{.version = 2, .name = "accounts", .statements = accounts_schema()},
      database::Migration{.version = 3, .name = "logs and records", .statements = logs_schema()},
      database::Migration{.version = 4, .name = "shares", .statements = shares_schema()},
      database::Migration{.version = 5, .name = "pauses", .statements = pauses_schema()},
      database::Migration{.version = 6, .name = "care", .statements = care_schema()},
      database::Migration{.version = 7, .name = "repairs", .statements = repairs_schema()},
      database::Migration{.version = 8, .name = "care places", .statements = care_places_schema()},
  };
  return kParts;
}

}  // namespace inxt::bridge
