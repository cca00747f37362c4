// SPDX-License-Identifier: LGPL-3.0-or-later
#include "database/postgresql_database.h"

#include <fmt/format.h>
#include <stdlib.h>

#include "database/postgresql_error.h"
#include "database/retry.h"

namespace inxt::database {
namespace {

constexpr std::int64_t kMigrationLock =
    0x696e7874;  // "inxt": no other program's advisory lock is likely to be it

using Meaning = PostgresqlFailure::Meaning;

class PostgresqlTransaction final : public Transaction {
 public:
  PostgresqlTransaction(PostgresqlConnection& connection, pqxx::transaction_base& transaction,
                        bool is_reading, const Limits& limits)
      : Transaction(Dialect::postgresql, limits),
        connection_(connection),
        transaction_(transaction),
        is_reading_(is_reading) {}

  bool is_good() const { return state() == State::good; }
  bool is_conflict() const { return state() == State::conflict; }
  bool is_lost() const { return state() == State::lost; }
  const Error& first_error() const { return error(); }

 private:
  Result<Done> run(std::string_view sql, std::span<const Value> values) override {
    try {
      const pqxx::result result = connection_.run(transaction_, sql, values);
      return Done{.rows = TRY(rows_of(result, limits())),
                  .affected = static_cast<std::int64_t>(result.affected_rows())};
    } catch (const std::exception& thrown) {
      PostgresqlFailure failure = postgresql_failure(thrown, limits());
      note(state_of(failure.meaning), failure.violation);
      return std::unexpected(std::move(failure.error));
    }
  }

  State state_of(Meaning meaning) const {
    if (!connection_.is_open() || meaning == Meaning::lost) return State::lost;
    if (meaning == Meaning::read_only)
      return is_reading_ ? State::failed : State::lost;  // another may be writable
    return meaning == Meaning::conflict ? State::conflict : State::failed;
  }

  PostgresqlConnection& connection_;
  pqxx::transaction_base& transaction_;
  const bool is_reading_;
};

}  // namespace

PostgresqlDatabase::PostgresqlDatabase(const std::string& uri, const Limits& limits)
    : limits_(limits), conninfo_(postgresql_conninfo(uri, limits)), pool_(limits, [this] {
        ++counts_.connects;
        return PostgresqlConnection::open(conninfo_, limits_);
      }) {}

Result<std::unique_ptr<Database>> PostgresqlDatabase::open(const std::string& uri, const Limits& limits) {
  if (const char* password = ::getenv("PGPASSWORD"); password != nullptr && *password != '\0')
    return fail(Code::usage, "database: $PGPASSWORD is set, where others can see it",
                "put it into a file: ~/.pgpass or passfile=PATH, or a service file (service=NAME)");
  std::unique_ptr<PostgresqlDatabase> database(new PostgresqlDatabase(uri, limits));
  auto first = TRY(database->pool_.take());  // says at once what is wrong
  TRY(first.fill());
  return database;
}

template <class PqxxTransaction>
PostgresqlDatabase::Attempt PostgresqlDatabase::attempt_on(PostgresqlConnection& connection,
                                                           const ErasedWork& work, Mode mode) {
  using End = Attempt::End;
  const auto failed_so = [&](const std::exception& thrown) {
    const PostgresqlFailure failure = postgresql_failure(thrown, limits_);
    const End end = !connection.is_open() || failure.meaning == Meaning::lost ? End::lost
                    : failure.meaning == Meaning::conflict                    ? End::repeatable
                                                                              : End::done;
    return Attempt{.end = end, .outcome = std::unexpected(failure.error)};
  };
  std::optional<PqxxTransaction> pqxx_transaction;
  try {
    pqxx_transaction.emplace(connection.link());
    if (mode == Mode::alone) {  // a migration may take minutes, and wait for another's
      pqxx_transaction->exec0("SET LOCAL statement_timeout = 0");
      pqxx_transaction->exec_params("SELECT pg_advisory_xact_lock($1)", kMigrationLock);
    }
  } catch (const std::exception& thrown) {
    return failed_so(thrown);
  }
  PostgresqlTransaction transaction(connection, *pqxx_transaction, mode == Mode::read, limits_);
  Result<void> outcome = work(transaction);  // what it throws goes on, and rolls back
  if (transaction.is_conflict() || transaction.is_lost())
    return {.end = transaction.is_lost() ? End::lost : End::repeatable,
            .outcome = std::unexpected(transaction.first_error())};
  if (!outcome) return {.end = End::done, .outcome = std::move(outcome)};
  if (!transaction.is_good())
    return {.end = End::done, .outcome = std::unexpected(transaction.first_error())};
  if (mode == Mode::read) return {};
  try {
    pqxx_transaction->commit();
    return {};
  } catch (const std::exception& thrown) {
    if (!is_outcome_unknown(thrown)) return failed_so(thrown);
    return {.end = End::unknown,
            .outcome = fail(Code::try_again,
                            "database: the connection was lost during a commit; the outcome is unknown",
                            "look whether it was done before doing it again")};
  }
}

PostgresqlDatabase::Attempt PostgresqlDatabase::attempt(const ErasedWork& work, Mode mode) {
  using End = Attempt::End;
  auto lease = pool_.take();
  if (!lease) return {.end = End::done, .outcome = std::unexpected(std::move(lease).error())};
  if (Result<void> filled = lease->fill(); !filled) {
    return {.end = filled.error().code == Code::try_again ? End::lost : End::done,
            .outcome = std::move(filled)};
  }
  PostgresqlConnection& connection = **lease;
  Attempt made;
  switch (mode) {
    case Mode::write:
      made = attempt_on<pqxx::transaction<pqxx::serializable>>(connection, work, mode);
      break;
    case Mode::read:
      made = attempt_on<pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>>(connection, work, mode);
      break;
    case Mode::alone:  // each statement sees what was committed before it, once the lock is had
      made = attempt_on<pqxx::transaction<pqxx::read_committed>>(connection, work, mode);
      break;
  }
  if (made.end == End::unknown || made.end == End::lost || !connection.is_open()) {
    lease->drop();
    pool_.drop_idle();  // most likely they are lost, too
  }
  return made;
}

Result<void> PostgresqlDatabase::run(const ErasedWork& work, Mode mode, Repeat repeat) {
  using End = Attempt::End;
  for (Retry retry(limits_);;) {
    Attempt made = attempt(work, mode);
    if (made.end == End::unknown) ++counts_.unknown;
    if (made.end == End::done || (made.end == End::unknown && repeat == Repeat::no)) {
      if (made.outcome) ++(mode == Mode::read ? counts_.reads : counts_.commits);
      return made.outcome;
    }
    if (!retry.wait())
      return std::unexpected(std::move(made.outcome)
                                 .error()
                                 .in(fmt::format("tried until {} was reached", retry.limit_reached())));
    ++counts_.repeats;
  }
}

Database::Counts PostgresqlDatabase::counts() const {
  return {.commits = counts_.commits,
          .reads = counts_.reads,
          .syncs = 0,
          .repeats = counts_.repeats,
          .connects = counts_.connects,
          .unknown = counts_.unknown};
}

}  // namespace inxt::database
