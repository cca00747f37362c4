// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-bridge check: all that a start looks at, without starting.
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "bridge/identity.h"
#include "bridge/schema.h"
#include "cli/escape.h"
#include "database/migrate.h"
#include "format/descriptor.h"
#include "settings.h"
#include "sys/directory.h"
#include "sys/files.h"
#include "sys/service.h"

namespace inxt::tools {

namespace {

Result<void> check_addresses(const Settings& settings) {
  for (const std::string& address : settings.listen)
    if (!format::is_address(address) && !address.ends_with(":0"))  // which takes any free port
      return fail(Code::usage, "--listen " + cli::escape(address) + " is no ADDR:PORT",
                  "such as 0.0.0.0:4243 or [::]:4243");
  return {};
}

/// Of the key; nothing where there is no folder yet: the start makes it, and what is in it.
Result<std::optional<std::string>> check_folder(const std::string& folder) {
  const auto there = sys::status_of(folder);
  if (!there && there.error().code == Code::not_found) return std::nullopt;
  if (!there) return std::unexpected(there.error());
  if (there->kind != sys::FileKind::folder) return fail(Code::usage, folder + " is not a folder");
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0)
    return fail(Code::denied, folder + " cannot be written to by this user",
                "run inxt-bridge as the user who owns it");
  const auto directory = TRY(sys::open_directory(folder));
  const auto key =
      TRY(bridge::find_identity(*directory, folder, sys::credential_path(bridge::kIdentityFile)));
  if (!key) return std::nullopt;
  return to_hex(key->public_key());
}

Result<void> check_whole(database::Database& database) {
  return database.read([](database::Transaction& transaction) -> Result<void> {
    const auto rows = TRY(transaction.query("PRAGMA integrity_check(1)"));
    if (!rows.empty() && rows[0].text(0) == "ok") return {};
    return fail(Code::integrity,
                "the database is damaged: " + (rows.empty() ? "" : cli::escape(rows[0].text(0))),
                "restore the database from its last copy");
  });
}

/// Its version; 0 where the start makes it.
Result<std::int64_t> check_database(const Settings& settings, bool is_quick) {
  const bool is_file = settings.database.dialect == database::Dialect::sqlite;
  if (is_file) {
    const auto there = sys::status_of(settings.database.place);
    if (!there && there.error().code == Code::not_found) return 0;
  }
  const auto opened = TRY_IN("database", database::Database::open(settings.database, database::Limits{}));
  const std::int64_t version = TRY_IN("database", database::schema_version(*opened, bridge::schema()));
  if (is_file && !is_quick) TRY_IN("database", check_whole(*opened));
  return version;
}

}  // namespace

Result<cli::Exit> check(cli::World& world, const BridgeOptions& options) {
  BridgeOptions with_folder = options;
  if (options.folder) with_folder.data = options.folder;
  const Settings settings = TRY(read_settings(with_folder));
  TRY(check_addresses(settings));
  const auto key = TRY(check_folder(settings.folder));
  const std::int64_t version = TRY(check_database(settings, options.quick));
  format::Json line{{"type", "checked"}, {"folder", cli::escape(settings.folder)}, {"quick", options.quick}};
  line["bridge"] = key ? format::Json(*key) : format::Json(nullptr);
  line["database"] = std::string(database::dialect_name(settings.database.dialect));
  line["version"] = version;
  TRY(world.print(format::write_compact(line)));
  return cli::Exit::ok;
}

}  // namespace inxt::tools
