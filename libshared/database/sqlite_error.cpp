// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <system_error>

#include "database/sqlite_connection.h"

namespace inxt::database {
namespace {

/// A full disk is the operator's to mend, and what was asked is possible later: not the quota of whoever
/// asks.
Code code_of(int result) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
      return Code::try_again;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Code::denied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::integrity;
    case SQLITE_TOOBIG:
      return Code::usage;
    default:
      return Code::failure;
  }
}

std::string hint_of(int result) {
  switch (result & 0xff) {
    case SQLITE_FULL:
      return "make room on the database's file system";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "restore the database from its last copy";
    default:
      return "";
  }
}

}  // namespace

Error sqlite_error(sqlite3* handle, int result, std::string_view what) {
  std::string why = handle != nullptr && sqlite3_extended_errcode(handle) == result ? sqlite3_errmsg(handle)
                                                                                    : sqlite3_errstr(result);
  if (const int number = handle == nullptr ? 0 : sqlite3_system_errno(handle);
      number != 0 && ((result & 0xff) == SQLITE_IOERR || (result & 0xff) == SQLITE_CANTOPEN))
    why += fmt::format(" ({})", std::generic_category().message(number));
  return {.code = code_of(result), .what = fmt::format("{}: {}", what, why), .hint = hint_of(result)};
}

Violation sqlite_violation(int result) {
  if ((result & 0xff) != SQLITE_CONSTRAINT) return Violation::none;
  switch (result) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return Violation::unique;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return Violation::foreign_key;
    case SQLITE_CONSTRAINT_NOTNULL:
      return Violation::not_null;
    case SQLITE_CONSTRAINT_CHECK:
      return Violation::check;
    default:
      return Violation::other;
  }
}

}  // namespace inxt::database
