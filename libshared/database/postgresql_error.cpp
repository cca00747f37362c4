// SPDX-License-Identifier: LGPL-3.0-or-later
#include "database/postgresql_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <pqxx/except>

namespace inxt::database {
namespace {

using Meaning = PostgresqlFailure::Meaning;

/// "ERROR:  why" on several lines, to "why".
std::string first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  for (const std::string_view severity : {"ERROR:  ", "FATAL:  ", "PANIC:  "})
    if (text.starts_with(severity)) text.remove_prefix(severity.size());
  return std::string(text);
}

struct State {
  std::string_view prefix;  // of the SQLSTATE
  Code code;
  Meaning meaning = Meaning::failed;
  Violation violation = Violation::none;
  std::string_view hint = {};
};

// PostgreSQL's manual, appendix A.  The first that fits.  A full disk is the operator's to mend, and what was
// asked is possible later: not the quota of whoever asks.
constexpr std::array kStates{
    State{"08", Code::try_again, Meaning::lost},
    State{"22", Code::usage},
    State{"23505", Code::failure, Meaning::failed, Violation::unique},
    State{"23503", Code::failure, Meaning::failed, Violation::foreign_key},
    State{"23502", Code::failure, Meaning::failed, Violation::not_null},
    State{"23514", Code::failure, Meaning::failed, Violation::check},
    State{"23", Code::failure, Meaning::failed, Violation::other},
    State{"25006", Code::denied},                    // read-only
    State{"25P03", Code::try_again, Meaning::lost},  // idle for too long within a transaction
    State{"28", Code::denied},
    State{"40003", Code::try_again, Meaning::lost},
    State{"40", Code::try_again, Meaning::conflict},
    State{"42501", Code::denied},
    State{"53100", Code::try_again, Meaning::failed, Violation::none,
          "make room on the server's file system"},
    State{"53", Code::try_again},
    State{"55P03", Code::try_again, Meaning::conflict},
    State{"57P", Code::try_again, Meaning::lost},
    State{"XX001", Code::integrity, Meaning::failed, Violation::none,
          "restore the database from its last copy"},
    State{"XX002", Code::integrity, Meaning::failed, Violation::none,
          "restore the database from its last copy"},
};

std::string sqlstate_of(const std::exception& thrown) {
  if (const auto* error = dynamic_cast<const pqxx::sql_error*>(&thrown)) return error->sqlstate();
  if (dynamic_cast<const pqxx::statement_completion_unknown*>(&thrown) != nullptr) return "40003";
  if (dynamic_cast<const pqxx::transaction_rollback*>(&thrown) != nullptr) return "40001";
  if (dynamic_cast<const pqxx::broken_connection*>(&thrown) != nullptr) return "08006";
  return "";
}

}  // namespace

PostgresqlFailure postgresql_failure(const std::exception& thrown, const Limits& limits) {
  const std::string why = first_line(thrown.what());
  const std::string sqlstate = sqlstate_of(thrown);
  if (sqlstate == "57014")
    return {.error = {.code = Code::try_again,
                      .what = fmt::format("database: took longer than statement_ms_max ({})",
                                          limits.statement_ms_max),
                      .hint = ""},
            .meaning = Meaning::failed,
            .violation = Violation::none};
  if (sqlstate == "0A000" &&
      why.contains("cached plan"))  // the schema has changed; a new connection knows it
    return {.error = {.code = Code::try_again, .what = "database: " + why, .hint = ""},
            .meaning = Meaning::lost,
            .violation = Violation::none};
  for (const State& state : kStates)
    if (sqlstate.starts_with(state.prefix))
      return {.error = {.code = state.code, .what = "database: " + why, .hint = std::string(state.hint)},
              .meaning = state.meaning,
              .violation = state.violation};
  return {.error = {.code = Code::failure, .what = "database: " + why, .hint = ""},
          .meaning = Meaning::failed,
          .violation = Violation::none};
}

Error postgresql_connect_error(const std::exception& thrown) {
  std::string why = first_line(thrown.what());
  Error error{.code = Code::try_again, .what = fmt::format("database: {}", why), .hint = ""};
  // In English, as most servers are; others' refusals are tried again like a server that is not there.
  const auto says = [&](std::string_view words) { return why.contains(words); };
  if (says("password authentication failed") || says("no password supplied") ||
      says("no pg_hba.conf entry") || says("authentication failed") || says("permission denied") ||
      (says("role \"") && says("does not exist"))) {
    error.code = Code::denied;
    error.hint = "the password stands in ~/.pgpass or the file of passfile=, mode 0600";
  } else if (says("database \"") && says("does not exist")) {
    error.code = Code::not_found;
    error.hint = "make it first: createdb -E UTF8 -T template0 NAME";
  }
  return error;
}

bool is_outcome_unknown(const std::exception& thrown) {
  if (dynamic_cast<const pqxx::in_doubt_error*>(&thrown) != nullptr) return true;
  const std::string sqlstate = sqlstate_of(thrown);
  return sqlstate.empty() || sqlstate.starts_with("08") || sqlstate.starts_with("57P") || sqlstate == "40003";
}

}  // namespace inxt::database
