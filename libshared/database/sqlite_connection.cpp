// SPDX-License-Identifier: LGPL-3.0-or-later
#include "database/sqlite_connection.h"

#include <fmt/format.h>

#include <thread>

#include "database/retry.h"

namespace inxt::database {
namespace {

constexpr int kStepsBetweenLooks = 10'000;  // at the clock, within a statement: under a millisecond
constexpr unsigned kBusyWaitUsMax = 5'000;

std::chrono::steady_clock::time_point from_now(std::uint32_t ms) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
}

bool changes_rows(std::string_view sql) {
  sql.remove_prefix(std::min(sql.find_first_not_of(" \n"), sql.size()));
  for (const std::string_view verb : {"INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"})
    if (sql.starts_with(verb)) return true;
  return false;
}

void add_column(Rows& rows, sqlite3_stmt* statement, int column) {
  const auto bytes = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(statement, column)); };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return rows.add_integer(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return rows.add_real(sqlite3_column_double(statement, column));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return rows.add_text({text, bytes()});
    }
    case SQLITE_BLOB: {
      const auto* blob = static_cast<const std::byte*>(sqlite3_column_blob(statement, column));
      return rows.add_blob({blob, bytes()});
    }
    default:
      return rows.add_null();
  }
}

int bind_value(sqlite3_stmt* statement, int at, const Value& value) {
  switch (value.kind()) {
    case Kind::integer:
      return sqlite3_bind_int64(statement, at, value.integer());
    case Kind::real:
      return sqlite3_bind_double(statement, at, value.real());
    case Kind::text:
      return sqlite3_bind_text64(statement, at, value.text().data(), value.text().size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    case Kind::blob:
      if (value.blob().empty())
        return sqlite3_bind_zeroblob(statement, at, 0);  // no pointer would make it NULL
      return sqlite3_bind_blob64(statement, at, value.blob().data(), value.blob().size(), SQLITE_STATIC);
    case Kind::null:
      break;
  }
  return sqlite3_bind_null(statement, at);
}

}  // namespace

SqliteConnection::SqliteConnection(sqlite3* handle, const Limits& limits)
    : handle_(handle), limits_(limits), cache_(limits.prepared_max), random_(std::random_device{}()) {}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path,
                                                                 const Limits& limits, Role role) {
  sqlite3* handle = nullptr;
  const int opened =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle, limits));
  const std::string what = fmt::format("database {}", path);
  if (opened != SQLITE_OK) {
    if (const int number = handle == nullptr ? 0 : sqlite3_system_errno(handle); number != 0)
      return fail_errno(number, what);
    return std::unexpected(sqlite_error(handle, opened, what));
  }
  TRY_IN(what, connection->set_up(role));
  return connection;
}

int SqliteConnection::on_busy(void* self, int count) {
  auto& connection = *static_cast<SqliteConnection*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (count == 0) connection.busy_end_ = now + std::chrono::milliseconds(connection.limits_.retry_ms);
  if (now >= connection.busy_end_) return 0;
  const unsigned us = std::uniform_int_distribution(100U, kBusyWaitUsMax)(connection.random_);
  std::this_thread::sleep_for(std::chrono::microseconds(us));
  return 1;
}

int SqliteConnection::on_progress(void* self) {
  auto& connection = *static_cast<SqliteConnection*>(self);
  connection.out_of_time_ = std::chrono::steady_clock::now() >= connection.statement_end_;
  return connection.out_of_time_ ? 1 : 0;
}

Result<void> SqliteConnection::use_wal() {
  // Two that open a new file at once run against each other here, where SQLite does not wait.
  for (Retry retry(limits_);;) {
    const Outcome done = run("PRAGMA journal_mode = WAL", {});
    if (done && done->rows[0].text(0) == "wal") return {};
    if (done) return fail(Code::failure, fmt::format("the journal is {}, not WAL", done->rows[0].text(0)));
    if ((done.error().result & 0xff) != SQLITE_BUSY || !retry.wait())
      return std::unexpected(done.error().error);
  }
}

Result<void> SqliteConnection::set_up(Role role) {
  sqlite3* handle = handle_.get();
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_handler(handle, on_busy, this);
  sqlite3_progress_handler(handle, kStepsBetweenLooks, on_progress, this);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);  // "x" is a name, as in PostgreSQL
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  TRY(use_wal());
  static constexpr std::array<SqlText, 5> kSettings{
      SqlText("PRAGMA synchronous = FULL"), SqlText("PRAGMA foreign_keys = ON"),
      SqlText("PRAGMA cell_size_check = ON"), SqlText("PRAGMA temp_store = MEMORY"),
      SqlText("PRAGMA journal_size_limit = 67108864")};
  for (const SqlText setting : kSettings)
    if (auto failed = run_plain(setting)) return std::unexpected(failed->error);
  if (role == Role::reader)
    if (auto failed = run_plain("PRAGMA query_only = ON")) return std::unexpected(failed->error);
  return {};
}

std::unexpected<SqliteConnection::Failure> SqliteConnection::failure(int result, std::string_view what) {
  Failure failed{.error = sqlite_error(handle_.get(), result, what), .result = result};
  if ((result & 0xff) == SQLITE_INTERRUPT && out_of_time_)
    failed.error.what =
        fmt::format("{}: took longer than statement_ms_max ({})", what, limits_.statement_ms_max);
  if ((result & 0xff) == SQLITE_BUSY)
    failed.error.what = fmt::format("{}: another process holds the database for longer than retry_ms ({})",
                                    what, limits_.retry_ms);
  return std::unexpected(std::move(failed));
}

std::expected<sqlite3_stmt*, SqliteConnection::Failure> SqliteConnection::prepared(std::string_view sql) {
  if (const Statement* found = cache_.find(sql)) return found->get();
  const std::string text = in_dialect(sql, Dialect::sqlite);
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int result = sqlite3_prepare_v3(handle_.get(), text.data(), static_cast<int>(text.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, &rest);
  Statement owned(statement);
  if (result != SQLITE_OK) return failure(result, "preparing a statement");
  const std::string_view left(rest, text.data() + text.size() - rest);
  if (statement == nullptr || left.find_first_not_of(" \n;") != left.npos)
    return std::unexpected(Failure{.error = {.code = Code::failure, .what = "not one statement", .hint = ""},
                                   .result = SQLITE_MISUSE});
  return cache_.add(sql, std::move(owned), [](Statement&) {}).get();
}

std::optional<SqliteConnection::Failure> SqliteConnection::bind(sqlite3_stmt* statement,
                                                                std::span<const Value> values) {
  // SQLite numbers $1, $2, ... in the order in which it meets them; their names say which they are.
  for (int at = 1; at <= sqlite3_bind_parameter_count(statement); ++at) {
    const char* name = sqlite3_bind_parameter_name(statement, at);
    const std::size_t number = name == nullptr ? 0 : std::strtoul(name + 1, nullptr, 10);
    if (number == 0 || number > values.size())
      return Failure{.error = {.code = Code::failure, .what = "a parameter is not $1 to $64", .hint = ""},
                     .result = SQLITE_MISUSE};
    if (const int result = bind_value(statement, at, values[number - 1]); result != SQLITE_OK)
      return failure(result, fmt::format("parameter {}", number)).error();
  }
  return {};
}

SqliteConnection::Outcome SqliteConnection::step(sqlite3_stmt* statement) {
  Done done;
  statement_end_ = from_now(limits_.statement_ms_max);
  out_of_time_ = false;
  for (bool is_first = true;; is_first = false) {
    const int result = sqlite3_step(statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE) return failure(result, "database");
    // Only now: where the schema has changed, the first step has prepared it anew.
    const int columns = sqlite3_column_count(statement);
    if (is_first) done.rows = Rows(static_cast<std::size_t>(columns));
    if (result == SQLITE_DONE) break;
    for (int column = 0; column < columns; ++column) add_column(done.rows, statement, column);
    if (Result<void> fits = check_size(done.rows, limits_); !fits)
      return std::unexpected(Failure{.error = std::move(fits).error(), .result = SQLITE_TOOBIG});
  }
  if (sqlite3_stmt_readonly(statement) == 0 && changes_rows(sqlite3_sql(statement)))
    done.affected = sqlite3_changes64(handle_.get());
  return done;
}

SqliteConnection::Outcome SqliteConnection::run(std::string_view sql, std::span<const Value> values) {
  const auto statement = prepared(sql);
  if (!statement) return std::unexpected(statement.error());
  Outcome outcome = Done{};
  if (std::optional<Failure> failed = bind(*statement, values))
    outcome = std::unexpected(*std::move(failed));
  else
    outcome = step(*statement);
  sqlite3_reset(*statement);
  sqlite3_clear_bindings(*statement);  // they point at what the caller frees
  return outcome;
}

std::optional<SqliteConnection::Failure> SqliteConnection::run_plain(SqlText sql) {
  Outcome outcome = run(sql.text(), {});
  if (!outcome) return std::move(outcome).error();
  return {};
}

void SqliteConnection::roll_back() {
  if (in_transaction()) run_plain("ROLLBACK");
}

}  // namespace inxt::database
