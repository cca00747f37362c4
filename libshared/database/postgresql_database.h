// SPDX-License-Identifier: LGPL-3.0-or-later
// A Database on a PostgreSQL server, which other processes use at the same time.
#pragma once

#include <atomic>

#include "database/connection_pool.h"
#include "database/database.h"
#include "database/postgresql_connection.h"

namespace inxt::database {

class PostgresqlDatabase final : public Database {
 public:
  static Result<std::unique_ptr<Database>> open(const std::string& uri, const Limits& limits);

  Dialect dialect() const override { return Dialect::postgresql; }
  Counts counts() const override;

 private:
  enum class Mode { write, read, alone };
  /// How one attempt at a transaction ended.
  struct Attempt {
    enum class End {
      done,
      repeatable,
      lost,  // the connection, before the commit: repeatable, on another one
      unknown,
    } end = End::done;
    Result<void> outcome = {};
  };

  PostgresqlDatabase(const std::string& uri, const Limits& limits);

  Result<void> run_write(const ErasedWork& work, Repeat repeat) override {
    return run(work, Mode::write, repeat);
  }
  Result<void> run_read(const ErasedWork& work) override { return run(work, Mode::read, Repeat::idempotent); }
  Result<void> run_alone(const ErasedWork& work) override { return run(work, Mode::alone, Repeat::no); }

  Result<void> run(const ErasedWork& work, Mode mode, Repeat repeat);
  Attempt attempt(const ErasedWork& work, Mode mode);
  template <class PqxxTransaction>
  Attempt attempt_on(PostgresqlConnection& connection, const ErasedWork& work, Mode mode);

  const Limits limits_;
  const std::string conninfo_;
  ConnectionPool<PostgresqlConnection> pool_;
  struct {
    std::atomic<std::uint64_t> commits = 0, reads = 0, repeats = 0, connects = 0, unknown = 0;
  } counts_;
};

}  // namespace inxt::database
