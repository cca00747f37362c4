// SPDX-License-Identifier: LGPL-3.0-or-later
#include "database/address.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <memory>

namespace inxt::database {
namespace {

Result<void> check_postgresql(const std::string& uri) {
  char* said = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(uri.c_str(), &said), PQconninfoFree);
  PQfreemem(said);  // not passed on: it can quote the password
  if (!options)
    return fail(Code::usage, "database: not an address that libpq can read",
                "it looks like postgresql://USER@HOST:PORT/DATABASE?sslmode=verify-full");
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    const std::string_view keyword = option->keyword;
    if (option->val != nullptr && (keyword == "password" || keyword == "sslpassword"))
      return fail(Code::usage,
                  fmt::format("database: a {} stands in the address, where others can see it", keyword),
                  "put it into a file: ~/.pgpass or passfile=PATH, or a service file (service=NAME)");
  }
  return {};
}

}  // namespace

std::string_view dialect_name(Dialect dialect) {
  return dialect == Dialect::sqlite ? "SQLite" : "PostgreSQL";
}

Result<Address> parse_address(std::string_view text) {
  if (text.contains('\0')) return fail(Code::usage, "database: NUL in the address");
  if (text.starts_with("postgresql://") || text.starts_with("postgres://")) {
    std::string uri(text);
    TRY(check_postgresql(uri));
    return Address{.dialect = Dialect::postgresql, .place = std::move(uri)};
  }
  if (text.starts_with("sqlite:")) {
    text.remove_prefix(7);
  } else if (text.contains("://")) {
    return fail(Code::usage,
                fmt::format("database: no kind of database is called {}", text.substr(0, text.find(':'))),
                "PATH, sqlite:PATH or postgresql://...");
  } else if (text.contains("dbname=") || text.contains("password=")) {  // libpq's other form, not a path
    return fail(Code::usage, "database: not a path", "PATH, sqlite:PATH or postgresql://...");
  }
  if (text.empty()) return fail(Code::usage, "database: the path is empty");
  return Address{.dialect = Dialect::sqlite, .place = std::string(text)};
}

}  // namespace inxt::database
