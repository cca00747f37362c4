// SPDX-License-Identifier: LGPL-3.0-or-later
// A Database in a SQLite file: one writer, whose commits are shared, and several readers.
#pragma once

#include <atomic>
#include <exception>

#include "database/connection_pool.h"
#include "database/database.h"
#include "database/sqlite_connection.h"
#include "database/write_queue.h"

namespace inxt::database {

class SqliteDatabase final : public Database {
 public:
  static Result<std::unique_ptr<Database>> open(const std::string& path, const Limits& limits);

  Dialect dialect() const override { return Dialect::sqlite; }
  Counts counts() const override;

 private:
  /// One transaction that waits for its turn.
  struct Job {
    const ErasedWork* work;
    Result<void> outcome;
    std::exception_ptr thrown;
  };

  SqliteDatabase(std::string path, const Limits& limits);
  Result<void> claim_file();

  Result<void> run_write(const ErasedWork& work, Repeat repeat) override;
  Result<void> run_read(const ErasedWork& work) override;
  Result<void> run_alone(const ErasedWork& work) override { return run_write(work, Repeat::no); }

  void serve(std::span<Job* const> jobs);
  void serve_alone(Job& job);
  bool serve_together(std::span<Job* const> jobs);
  Result<void> commit();

  const Limits limits_;
  const std::string path_;
  std::unique_ptr<SqliteConnection> writer_;  // used by who serves the queue
  ConnectionPool<SqliteConnection> readers_;
  WriteQueue<Job> queue_;
  struct {
    std::atomic<std::uint64_t> commits = 0, reads = 0, syncs = 0, repeats = 0, connects = 0;
  } counts_;
};

}  // namespace inxt::database
