// SPDX-License-Identifier: AGPL-3.0-or-later
// What only a server can do: go away, come back, refuse, fill its disk.
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "support/child.h"
#include "support/database_world.h"

using namespace inxt;
using namespace inxt::database;
using namespace inxt::testing;

// Run by tests/database/with-postgresql.sh.
#define SERVER_TEST(text) TEST_CASE("postgresql: " text* doctest::skip(!has_postgresql()))

namespace {

constexpr SqlText kMakeEntry = "CREATE TABLE entry (number {int64} PRIMARY KEY, bytes {blob}) {strict}";

Result<std::int64_t> put_entry(Database& database, std::int64_t number) {
  return database.write([&](Transaction& t) {
    return t.execute("INSERT INTO entry VALUES ($1, $2)", {number, std::string_view("x")});
  });
}

Result<std::unique_ptr<Database>> open_at(const std::string& address, const Limits& limits = {}) {
  return Database::open(TRY(parse_address(address)), limits);
}

}  // namespace

SERVER_TEST("a server that crashes and comes back loses nothing that was acknowledged") {
  const PostgresqlWorld world;
  const auto database = open(world);
  run_all(*database, kMakeEntry);
  std::atomic<bool> is_over = false;
  std::atomic<int> wrong = 0, put = 0;
  std::mutex mutex;
  std::vector<std::int64_t> acknowledged;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (std::int64_t i = 0; !is_over; ++i) {
        const std::int64_t number = thread * 1'000'000 + i;
        const auto done = database->write(
            [&](Transaction& t) { return t.execute("INSERT INTO entry (number) VALUES ($1)", {number}); });
        if (done) {
          ++put;
          const std::lock_guard guard(mutex);
          acknowledged.push_back(number);
        } else if (done.error().code != Code::try_again) {
          ++wrong;
        }
      }
    });
  const auto wait_for_more = [&] {
    const int before = put;
    for (int i = 0; i < 3000 && put < before + 50; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK(put >= before + 50);
  };
  PostgresqlServer& server = PostgresqlServer::shared();
  for (const int signal : {SIGQUIT, SIGINT}) {
    wait_for_more();
    server.stop(signal);
    server.start();
  }
  wait_for_more();
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(database->counts().repeats > 0);
  const auto rows = database->read([](Transaction& t) { return t.query("SELECT number FROM entry"); });
  REQUIRE(rows);
  std::set<std::int64_t> found;
  for (const Row row : *rows) found.insert(row.integer(0));
  int lost = 0;
  for (const std::int64_t number : acknowledged) lost += found.contains(number) ? 0 : 1;
  CHECK(lost == 0);
  CHECK(found.size() <= acknowledged.size() + 4 * 2);  // those whose outcome was unknown
}

SERVER_TEST(
    "a connection that is lost during a commit: the outcome is unknown, unless doing it twice does no harm") {
  const PostgresqlWorld world;
  const auto database = open(world);
  run_all(
      *database, kMakeEntry, SqlText("CREATE SEQUENCE commits"),
      SqlText(
          "CREATE FUNCTION end_first() RETURNS trigger LANGUAGE plpgsql AS "
          "'BEGIN IF nextval(''commits'') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; "
          "RETURN NULL; END'"),
      SqlText("CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED "
              "FOR EACH ROW EXECUTE FUNCTION end_first()"));
  int runs = 0;
  const auto put = [&](Transaction& t) {
    ++runs;
    return t.execute("INSERT INTO entry (number) VALUES (1) ON CONFLICT DO NOTHING");
  };
  const auto unknown = database->write(put);
  REQUIRE(!unknown);
  CHECK(unknown.error().code == Code::try_again);
  CHECK(unknown.error().what.contains("outcome is unknown"));
  CHECK(runs == 1);
  CHECK(database->counts().unknown == 1);
  run_all(*database, SqlText("ALTER SEQUENCE commits RESTART"));
  runs = 0;
  const auto done = database->write(Repeat::idempotent, put);
  if (!done) FAIL(done.error().what);
  CHECK(runs == 2);
  CHECK(database->counts().unknown == 2);
  CHECK(database->read([](Transaction& t) { return t.query("SELECT number FROM entry"); }).value().size() ==
        1);
}

SERVER_TEST("connections that the server ends are replaced") {
  const PostgresqlWorld world;
  const auto database = open(world), other = open(world);
  run_all(*database, kMakeEntry);
  for (int i = 0; i < 3; ++i) {
    const auto ended = other->read([](Transaction& t) {
      return t.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
          "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    });
    CHECK(ended.value().size() >= 1);
    CHECK(put_entry(*database, i));
  }
  CHECK(database->counts().connects >= 4);
}

SERVER_TEST("a server that is not there is tried again, within limits") {
  const ScratchFolder empty;
  const auto none = open_at("postgresql:///inxt?host=" + empty.path().string());
  REQUIRE(!none);
  CHECK(none.error().code == Code::try_again);
  CHECK(open_at(PostgresqlServer::shared().address("nothing")).error().code == Code::not_found);
  CHECK(open_at(PostgresqlServer::shared().address("inxt", "nobody")).error().code == Code::denied);

  const PostgresqlWorld world;
  Limits limits;
  limits.retry_ms = 300;
  const auto database = open(world, limits);
  PostgresqlServer::shared().stop(SIGINT);
  const auto done = database->read([](Transaction& t) { return t.query("SELECT 1"); });
  PostgresqlServer::shared().start();
  REQUIRE(!done);
  CHECK(done.error().code == Code::try_again);
  CHECK(done.error().what.contains("retry_ms (300)"));
  CHECK(database->read([](Transaction& t) { return t.query("SELECT 1"); }));
}

SERVER_TEST("a password comes from a file, and stands in no error") {
  PostgresqlServer& server = PostgresqlServer::shared();
  server.execute("inxt", "CREATE ROLE locked LOGIN PASSWORD 'hunter2'");
  const std::string address = server.address("inxt", "locked");
  const auto without = open_at(address);
  REQUIRE(!without);
  CHECK(without.error().code == Code::denied);
  CHECK(without.error().hint.contains("passfile"));

  const ScratchFolder folder;
  const auto file = folder.path() / "it's a pass";
  const auto with = [&](std::string_view password) {
    std::ofstream(file) << "*:*:*:locked:" << password << "\n";
    ::chmod(file.c_str(), 0600);
    return open_at(address + "&passfile=" + folder.path().string() + "/it's%20a%20pass");
  };
  CHECK(with("hunter2"));
  const auto wrong = with("hunter3");
  REQUIRE(!wrong);
  CHECK(wrong.error().code == Code::denied);
  CHECK(!wrong.error().what.contains("hunter"));
  CHECK(!wrong.error().hint.contains("hunter"));

  ::setenv("PGPASSWORD", "hunter2", 1);
  const auto from_environment = open_at(address);
  ::unsetenv("PGPASSWORD");
  REQUIRE(!from_environment);
  CHECK(from_environment.error().code == Code::usage);
  CHECK(!from_environment.error().what.contains("hunter"));
}

SERVER_TEST("a server that would lose what it acknowledged, or cannot hold text, is refused") {
  PostgresqlServer& server = PostgresqlServer::shared();
  const PostgresqlWorld world;
  server.execute("inxt", "ALTER DATABASE " + world.name() + " SET synchronous_commit = off");
  const auto setting = open(world)->read([](Transaction& t) {
    return t.query("SELECT current_setting('synchronous_commit'), current_setting('transaction_isolation')");
  });
  CHECK(setting.value()[0].text(0) == "on");
  CHECK(setting.value()[0].text(1) == "repeatable read");
  const auto isolation = open(world)->write(
      [](Transaction& t) { return t.query("SELECT current_setting('transaction_isolation')"); });
  CHECK(isolation.value()[0].text(0) == "serializable");

  server.execute("inxt",
                 "CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
  const auto ascii = open_at(server.address("ascii"));
  REQUIRE(!ascii);
  CHECK(ascii.error().code == Code::usage);
  CHECK(ascii.error().what.contains("UTF8"));

  server.execute("inxt", "ALTER SYSTEM SET fsync = off");
  server.execute("inxt", "SELECT pg_reload_conf()");
  Result<std::unique_ptr<Database>> careless = try_open(world);
  for (int i = 0; i < 100 && careless; ++i) {  // until it has read its settings
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    careless = try_open(world);
  }
  server.execute("inxt", "ALTER SYSTEM RESET fsync");
  server.execute("inxt", "SELECT pg_reload_conf()");
  REQUIRE(!careless);
  CHECK(careless.error().what.contains("fsync"));
}

SERVER_TEST("values of rows stand in no error") {
  const PostgresqlWorld world;
  const auto database = open(world);
  run_all(*database, SqlText("CREATE TABLE secret (name {text} PRIMARY KEY) {strict}"));
  const auto put = [](Transaction& t) { return t.execute("INSERT INTO secret VALUES ($1)", {"hunter2"}); };
  REQUIRE(database->write(put));
  const auto again = database->write(put);
  REQUIRE(!again);
  CHECK(again.error().what.contains("secret_pkey"));
  CHECK(!again.error().what.contains("hunter"));
}

SERVER_TEST("a full disk is an error to try again after, and loses nothing") {
  Child can_mount(
      [] { return std::system("unshare --mount -- mount -t tmpfs none /mnt >/dev/null 2>&1") == 0 ? 0 : 1; });
  if (::getuid() != 0 || can_mount.wait() != 0) {
    MESSAGE("no mount namespaces here: the full disk was not tried");
    return;
  }
  const PostgresqlServer server(true);
  server.execute("inxt", "CREATE TABLESPACE small LOCATION '" + server.small_disk().string() + "'");
  server.execute("inxt", "ALTER DATABASE inxt SET default_tablespace = small");
  const auto opened = open_at(server.address("inxt"));
  REQUIRE(opened);
  Database& database = **opened;
  run_all(database, kMakeEntry);
  Bytes bytes(100'000);
  std::minstd_rand random(1);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  std::int64_t stored = 0;
  Result<std::int64_t> done = 0;
  for (int i = 0; i < 100 && done; ++i) {
    done = database.write([&](Transaction& t) {
      return t.execute("INSERT INTO entry VALUES ($1, $2)", {i, bytes});
    });
    if (done) ++stored;
  }
  REQUIRE(!done);
  CHECK(stored > 3);
  CHECK(done.error().code == Code::try_again);
  CHECK(done.error().hint.contains("make room"));
  const auto rows =
      database.read([](Transaction& t) { return t.query("SELECT count(*), sum(length(bytes)) FROM entry"); });
  CHECK(rows.value()[0].integer(0) == stored);
  CHECK(rows.value()[0].integer(1) == stored * 100'000);
}
