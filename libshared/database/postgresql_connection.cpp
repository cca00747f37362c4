// SPDX-License-Identifier: LGPL-3.0-or-later
#include "database/postgresql_connection.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <map>
#include <pqxx/nontransaction>
#include <pqxx/prepared_statement>

#include "base/encoding.h"
#include "database/postgresql_error.h"

namespace inxt::database {
namespace {

constexpr int kServerVersionMin = 120'000;

std::string conninfo_value(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

/// As text, which the server reads as what the statement needs in that place.
std::string parameter_of(const Value& value) {
  switch (value.kind()) {
    case Kind::integer:
      return fmt::to_string(value.integer());
    case Kind::real:
      return fmt::to_string(value.real());
    case Kind::text:
      return std::string(value.text());
    case Kind::blob:
      return "\\x" + to_hex(value.blob());
    case Kind::null:
      break;
  }
  return "";
}

}  // namespace

std::string postgresql_conninfo(const std::string& uri, const Limits& limits) {
  std::map<std::string, std::string> words{
      {"connect_timeout", fmt::to_string((limits.connect_ms + 999) / 1000)},
      {"keepalives_idle", "30"},
      {"keepalives_interval", "10"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", fmt::to_string(limits.statement_ms_max + 10'000)},
      {"target_session_attrs", "read-write"},
      {"application_name", "inxt"},
  };
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(uri.c_str(), nullptr), PQconninfoFree);
  CHECK_BUG(options);
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr) words[option->keyword] = option->val;
  std::string out;
  for (const auto& [word, value] : words) out += fmt::format("{}={} ", word, conninfo_value(value));
  return out;
}

PostgresqlConnection::PostgresqlConnection(const std::string& conninfo, const Limits& limits)
    : limits_(limits), link_(conninfo), quiet_(link_), names_(limits.prepared_max) {
  link_.set_verbosity(pqxx::connection_base::terse);  // no values of rows in errors
}

Result<std::unique_ptr<PostgresqlConnection>> PostgresqlConnection::open(const std::string& conninfo,
                                                                         const Limits& limits) {
  try {
    std::unique_ptr<PostgresqlConnection> connection(new PostgresqlConnection(conninfo, limits));
    TRY(connection->set_up());
    return connection;
  } catch (const std::exception& thrown) {
    return std::unexpected(postgresql_connect_error(thrown));
  }
}

Result<void> PostgresqlConnection::set_up() {
  if (link_.server_version() < kServerVersionMin)
    return fail(Code::usage, fmt::format("database: the server is PostgreSQL {}, older than 12",
                                         link_.server_version() / 10'000));
  const std::string limit = fmt::to_string(limits_.statement_ms_max);
  link_.set_variable("statement_timeout", limit);
  link_.set_variable("idle_in_transaction_session_timeout", limit);
  link_.set_variable("client_encoding", "'UTF8'");
  link_.set_variable("bytea_output", "'hex'");
  link_.set_variable("extra_float_digits", "1");  // reals come back exactly
  pqxx::nontransaction settings(link_);
  const auto show = [&](const std::string& sql) { return settings.exec1(sql)[0].as<std::string>(); };
  if (const std::string encoding = show("SHOW server_encoding"); encoding != "UTF8")
    return fail(Code::usage, fmt::format("database: its encoding is {}, not UTF8", encoding),
                "make it anew: createdb -E UTF8 -T template0 NAME");
  if (show("SHOW fsync") != "on")
    return fail(Code::usage, "database: the server has fsync=off and would lose what it acknowledged",
                "set fsync = on in postgresql.conf");
  if (show("SHOW synchronous_commit") == "off") settings.exec0("SET synchronous_commit = on");
  return {};
}

pqxx::result PostgresqlConnection::run(pqxx::transaction_base& transaction, std::string_view sql,
                                       std::span<const Value> values) {
  const std::string* name = names_.find(sql);
  if (name == nullptr) {
    std::string fresh = fmt::format("inxt{}", next_name_++);
    link_.prepare(fresh, in_dialect(sql, Dialect::postgresql));
    name = &names_.add(sql, std::move(fresh), [this](const std::string& old) { link_.unprepare(old); });
  }
  std::vector<std::string> texts;
  std::vector<const char*> parameters;  // no pointer: NULL
  texts.reserve(values.size());
  for (const Value& value : values) {
    texts.push_back(parameter_of(value));
    parameters.push_back(value.kind() == Kind::null ? nullptr : texts.back().c_str());
  }
  return transaction.exec_prepared(*name, pqxx::prepare::make_dynamic_params(parameters));
}

}  // namespace inxt::database
