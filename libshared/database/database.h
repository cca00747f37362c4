// SPDX-License-Identifier: LGPL-3.0-or-later
// A database that keeps what it acknowledged: SQLite in a file, or PostgreSQL for several processes at once.
//
//   const auto database = TRY(Database::open(TRY(parse_address(text)), Limits{}));
//   TRY(migrate(*database, kMigrations, clock));                       // database/migrate.h
//   const auto take = [&](Transaction& t) -> Result<std::int64_t> {
//     TRY(t.execute("UPDATE account SET left_bytes = left_bytes - $1 WHERE id = $2", {size, account}));
//     const Rows rows = TRY(t.query("SELECT left_bytes FROM account WHERE id = $1", {account}));
//     if (rows.empty() || rows[0].integer(0) < 0) return fail(Code::quota, "over quota");  // rolls back
//     return rows[0].integer(0);
//   };
//   const std::int64_t left_bytes = TRY(database->write(take));
//
// Isolation.  Transactions that write are SERIALIZABLE in both: SQLite has one writer, PostgreSQL finds what
// could not have happened one after the other and ends it, and it is run again here.  So work that is right
// alone is right beside others, in any number of processes, and nobody has to think of row locks (REPEATABLE
// READ would need them wherever a decision rests on rows that are only read).  Transactions that read see one
// snapshot: on PostgreSQL REPEATABLE READ READ ONLY, which is never ended for another's sake.
//
// Durability.  write() returns after the commit is on the disk.  SQLite: WAL, synchronous=FULL; transactions
// that wait for the same disk share one commit.  PostgreSQL: a server with fsync=off is refused,
// synchronous_commit=off is overridden.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "database/transaction.h"

namespace inxt::database {

/// What to do when the connection is lost during a commit, so that nobody knows whether it happened.
enum class Repeat {
  no,          // an error (try_again) says so
  idempotent,  // run it again: doing it twice is as doing it once
};

/// Thread-safe.  Calls block for the disk or the network: call them on a pool of threads, never on an event
/// loop.
class Database {
 public:
  /// Opens it, and makes the file (mode 0600) where there is none; its folder must be there.
  /// SQLite refuses network file systems, which do not share memory and lock unreliably, and files that are
  /// not an inxt database.  PostgreSQL: version 12 or newer, encoding UTF8; a password comes from passfile=,
  /// $PGPASSFILE, ~/.pgpass or a service file, never from the address or $PGPASSWORD.
  /// Errors: usage, not_found, denied, try_again (server not there, busy), integrity (damaged), failure.
  static Result<std::unique_ptr<Database>> open(const Address& address, const Limits& limits);

  virtual ~Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Runs `work(Transaction&)`, which returns a Result<T>, in one transaction: committed when it returns a
  /// value, rolled back when it returns an error or throws.  Runs it again, after a wait with jitter, when it
  /// ran against another transaction or the connection was lost before the commit: at most attempts_max times
  /// and for retry_ms.  So `work` has no side effects but its statements, sets what it returns anew each
  /// time, and may run on another thread while the caller waits.  Do not call the database within it. Errors:
  /// the work's own; those of Transaction; try_again naming the limit that was reached, or saying that the
  /// outcome is unknown.
  template <class Work>
  auto write(Work&& work) {
    return write(Repeat::no, work);
  }
  template <class Work>
  auto write(Repeat repeat, Work&& work) {
    return with_value(work, [&](const ErasedWork& erased) { return run_write(erased, repeat); });
  }
  /// The same for work that only reads: of one snapshot, beside others.  Statements that write fail (denied).
  template <class Work>
  auto read(Work&& work) {
    return with_value(work, [&](const ErasedWork& erased) { return run_read(erased); });
  }
  /// As write, but no other process or thread is within write_alone at the same time, and it begins with what
  /// the former left.  For migrations: may take minutes.
  template <class Work>
  auto write_alone(Work&& work) {
    return with_value(work, [&](const ErasedWork& erased) { return run_alone(erased); });
  }

  virtual Dialect dialect() const = 0;

  struct Counts {
    std::uint64_t commits = 0;   // transactions that wrote
    std::uint64_t reads = 0;     // transactions that read
    std::uint64_t syncs = 0;     // SQLite: commits of the file, each of one transaction or more
    std::uint64_t repeats = 0;   // attempts after the first
    std::uint64_t connects = 0;  // connections opened
    std::uint64_t unknown = 0;   // commits whose outcome nobody knows
  };
  virtual Counts counts() const = 0;

 protected:
  using ErasedWork = std::function<Result<void>(Transaction&)>;

  Database() = default;
  virtual Result<void> run_write(const ErasedWork& work, Repeat repeat) = 0;
  virtual Result<void> run_read(const ErasedWork& work) = 0;
  virtual Result<void> run_alone(const ErasedWork& work) = 0;

 private:
  template <class Work, class Run>
  static auto with_value(Work& work, const Run& run) -> std::invoke_result_t<Work&, Transaction&> {
    std::optional<std::invoke_result_t<Work&, Transaction&>> value;
    const ErasedWork erased = [&](Transaction& transaction) -> Result<void> {
      value.emplace(work(transaction));
      if (!*value) return std::unexpected(value->error());
      return {};
    };
    if (Result<void> done = run(erased); !done) return std::unexpected(std::move(done).error());
    return std::move(*value);
  }
};

}  // namespace inxt::database
