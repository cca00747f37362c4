// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/host_room.h"

namespace inxt::bridge {

Result<HostRoom> add_room(database::Transaction& transaction, const HostId& host, const HostRoom& change) {
  TRY(
      transaction.execute("INSERT INTO host_room (host, reserved_bytes, charged_bytes) VALUES ($1, $2, $3) "
                          "ON CONFLICT (host) DO UPDATE SET "
                          "reserved_bytes = host_room.reserved_bytes + excluded.reserved_bytes, "
                          "charged_bytes = host_room.charged_bytes + excluded.charged_bytes",
                          {host, change.reserved_bytes, change.charged_bytes}));
  const auto rows =
      TRY(transaction.query("SELECT reserved_bytes, charged_bytes FROM host_room WHERE host = $1", {host}));
  return HostRoom{.reserved_bytes = rows[0].integer(0), .charged_bytes = rows[0].integer(1)};
}

Result<std::unordered_map<HostId, HostRoom>> read_rooms(database::Transaction& transaction) {
  const auto rows =
      TRY(transaction.query("SELECT host, reserved_bytes, charged_bytes FROM host_room "
                            "WHERE reserved_bytes <> 0 OR charged_bytes <> 0"));
  std::unordered_map<HostId, HostRoom> out;
  for (const auto row : rows)
    out.emplace(row.id<HostId>(0),
                HostRoom{.reserved_bytes = row.integer(1), .charged_bytes = row.integer(2)});
  return out;
}

}  // namespace inxt::bridge
