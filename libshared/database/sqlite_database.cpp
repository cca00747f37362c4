// SPDX-License-Identifier: LGPL-3.0-or-later
#include "database/sqlite_database.h"

#include <fmt/format.h>

#include "database/sqlite_file.h"

namespace inxt::database {
namespace {

class SqliteTransaction final : public Transaction {
 public:
  SqliteTransaction(SqliteConnection& connection, const Limits& limits)
      : Transaction(Dialect::sqlite, limits), connection_(connection) {}

  /// What came of the work: its own error, or that of a statement whose error the work did not pass on.
  Result<void> outcome(Result<void> of_work) const {
    if (!of_work || state() == State::good) return of_work;
    return std::unexpected(error());
  }

 private:
  Result<Done> run(std::string_view sql, std::span<const Value> values) override {
    SqliteConnection::Outcome done = connection_.run(sql, values);
    if (done) return Done{.rows = std::move(done->rows), .affected = done->affected};
    note(State::failed, sqlite_violation(done.error().result));
    return std::unexpected(std::move(done).error().error);
  }

  SqliteConnection& connection_;
};

}  // namespace

SqliteDatabase::SqliteDatabase(std::string path, const Limits& limits)
    : limits_(limits),
      path_(std::move(path)),
      readers_(limits,
               [this] {
                 ++counts_.connects;
                 return SqliteConnection::open(path_, limits_, SqliteConnection::Role::reader);
               }),
      queue_(limits, [this](std::span<Job* const> jobs) { serve(jobs); }) {}

Result<std::unique_ptr<Database>> SqliteDatabase::open(const std::string& path, const Limits& limits) {
  std::string absolute = TRY(prepare_sqlite_file(path));
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(std::move(absolute), limits));
  database->writer_ = TRY(SqliteConnection::open(database->path_, limits, SqliteConnection::Role::writer));
  ++database->counts_.connects;
  TRY_IN(fmt::format("database {}", database->path_), database->claim_file());
  return database;
}

/// Marks a new file as inxt's; refuses one of another program.
Result<void> SqliteDatabase::claim_file() {
  static_assert(kSqliteApplicationId == 1768847476);
  return run_write(
      [](Transaction& transaction) -> Result<void> {
        const std::int64_t id = TRY(transaction.query("PRAGMA application_id"))[0].integer(0);
        if (id == kSqliteApplicationId) return {};
        const Rows tables = TRY(transaction.query("SELECT count(*) FROM sqlite_schema"));
        if (id != 0 || tables[0].integer(0) != 0)
          return fail(Code::usage, "is another program's database", "name a file that is not there yet");
        TRY(transaction.execute("PRAGMA application_id = 1768847476"));
        return {};
      },
      Repeat::no);
}

Result<void> SqliteDatabase::run_write(const ErasedWork& work, Repeat) {
  Job job{.work = &work, .outcome = {}, .thrown = {}};
  if (!queue_.run(job))
    return fail(Code::try_again,
                fmt::format("the turn to write to the database did not come for connection_wait_ms ({})",
                            limits_.connection_wait_ms));
  if (job.thrown) std::rethrow_exception(job.thrown);
  return job.outcome;
}

Result<void> SqliteDatabase::run_read(const ErasedWork& work) {
  auto reader = TRY(readers_.take());
  TRY(reader.fill());
  if (auto failed = reader->run_plain("BEGIN")) return std::unexpected(std::move(failed->error));
  struct End {
    SqliteConnection& connection;
    ~End() { connection.roll_back(); }
  } end{*reader};
  SqliteTransaction transaction(*reader, limits_);
  ++counts_.reads;
  return transaction.outcome(work(transaction));
}

void SqliteDatabase::serve(std::span<Job* const> jobs) {
  if (jobs.size() > 1 && serve_together(jobs)) return;
  if (jobs.size() > 1) counts_.repeats += jobs.size();
  for (Job* job : jobs) serve_alone(*job);
}

/// The file's commit.  After an error nothing is left open.
Result<void> SqliteDatabase::commit() {
  const auto failed = writer_->run_plain("COMMIT");
  if (!failed) {
    ++counts_.syncs;
    return {};
  }
  writer_->roll_back();
  Error error = failed->error;
  // The log may hold the whole transaction though its sync failed: a start after a power cut would find it.
  if ((failed->result & 0xff) == SQLITE_IOERR) error.what += "; the outcome is unknown";
  return std::unexpected(std::move(error));
}

void SqliteDatabase::serve_alone(Job& job) {
  job.thrown = nullptr;
  if (auto failed = writer_->run_plain("BEGIN IMMEDIATE")) {
    job.outcome = std::unexpected(std::move(failed->error));
    return;
  }
  SqliteTransaction transaction(*writer_, limits_);
  try {
    job.outcome = transaction.outcome((*job.work)(transaction));
  } catch (...) {
    job.thrown = std::current_exception();
  }
  if (job.thrown || !job.outcome) return writer_->roll_back();
  job.outcome = commit();
  if (job.outcome) ++counts_.commits;
}

/// Each job within a savepoint, then one commit.  Returns false, with nothing done, when they have to be done
/// one by one: when the commit failed, or an error (a full disk) ended all of it; then one that is too large
/// for the disk does not take the others with it.
bool SqliteDatabase::serve_together(std::span<Job* const> jobs) {
  if (writer_->run_plain("BEGIN IMMEDIATE")) return false;
  std::uint64_t good = 0;
  for (Job* job : jobs) {
    if (writer_->run_plain("SAVEPOINT work")) return writer_->roll_back(), false;
    SqliteTransaction transaction(*writer_, limits_);
    try {
      job->outcome = transaction.outcome((*job->work)(transaction));
    } catch (...) {
      job->thrown = std::current_exception();
    }
    if (!writer_->in_transaction()) return false;
    const bool is_good = !job->thrown && job->outcome;
    if (!is_good && writer_->run_plain("ROLLBACK TO work")) return writer_->roll_back(), false;
    if (writer_->run_plain("RELEASE work")) return writer_->roll_back(), false;
    good += is_good ? 1 : 0;
  }
  if (!commit()) return false;
  counts_.commits += good;
  return true;
}

Database::Counts SqliteDatabase::counts() const {
  return {.commits = counts_.commits,
          .reads = counts_.reads,
          .syncs = counts_.syncs,
          .repeats = counts_.repeats,
          .connects = counts_.connects,
          .unknown = 0};
}

}  // namespace inxt::database
