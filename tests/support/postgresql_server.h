// SPDX-License-Identifier: AGPL-3.0-or-later
// A PostgreSQL server of the test program's own: tests/support/postgresql, held from C++.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pqxx/connection>
#include <pqxx/nontransaction>

#include "support/scratch_folder.h"
#include "support/tests_dir.h"

namespace inxt::testing {

/// Runs tests/support/postgresql and returns its exit status.
inline int run_postgresql_script(const std::string& command, const std::string& folder) {
  const std::string script = tests_dir() + "/support/postgresql";
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(script.c_str(), "postgresql", command.c_str(), folder.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/// Starts when it is first needed and ends with the program, however that ends.
class PostgresqlServer {
 public:
  static PostgresqlServer& shared() {
    static PostgresqlServer server;
    return server;
  }
  /// With a small disk (needs root) it can be started only once: the disk goes with it.
  explicit PostgresqlServer(bool has_small_disk = false) : has_small_disk_(has_small_disk) {
    REQUIRE(run_postgresql_script("init", folder_.path()) == 0);
    std::filesystem::create_directory(small_disk());
    start();
  }
  ~PostgresqlServer() { stop(SIGQUIT); }  // nothing of it is wanted again
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  /// REQUIRES: not running.
  void start() {
    const std::string script = tests_dir() + "/support/postgresql";
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      if (::getppid() != parent) ::_exit(1);
      if (has_small_disk_) ::setenv("INXT_TEST_MOUNT", small_disk().c_str(), 1);
      ::setenv("INXT_TEST_MOUNT_SIZE", "3m", 1);
      ::execl(script.c_str(), "postgresql", "serve", folder_.path().c_str(), nullptr);
      ::_exit(127);
    }
    REQUIRE(run_postgresql_script("wait", folder_.path()) == 0);
  }
  /// SIGINT: ends transactions and shuts down; SIGQUIT: as a crash.
  void stop(int signal) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }

  std::string address(std::string_view database, std::string_view user = "inxt") const {
    return fmt::format("postgresql:///{}?host={}&user={}", database, folder_.path().string(), user);
  }
  /// Where the server sees a disk of 3 MiB.
  std::filesystem::path small_disk() const { return folder_.path() / "small"; }
  const std::filesystem::path& folder() const { return folder_.path(); }

  /// Statements outside any transaction.
  void execute(std::string_view database, const std::string& sql) const {
    pqxx::connection connection(address(database));
    pqxx::nontransaction(connection).exec(sql);
  }

 private:
  ScratchFolder folder_;
  const bool has_small_disk_;
  pid_t pid_ = -1;
};

}  // namespace inxt::testing
